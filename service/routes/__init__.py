"""The routes of the HTTP front end, one file per group."""

from service.routes import analysis, assets, events, health, meta, pages, sweeps, trials

ROUTERS = tuple(module.router for module in (sweeps, trials, analysis, events, meta, health, pages, assets))
