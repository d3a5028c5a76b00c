"""The front end as an ASGI application."""

from importlib.metadata import version

from fastapi import FastAPI
from starlette.middleware import Middleware

from service.maps import StabilityMaps
from service.metrics import Metrics
from service.middleware import CountRequests, RefuseOtherSites
from service.pages.compare_page import ComparePages
from service.pages.render import Renderer
from service.problems import Problem, install_problem_handlers
from service.routes import ROUTERS
from service.settings import ServiceSettings
from sweeps.ledger import open_ledger


def create_app(settings: ServiceSettings) -> FastAPI:
    """The application on the ledger that `settings` name; it reads and writes the ledger and nothing else."""
    ledger = open_ledger(settings.ledger)
    metrics = Metrics(ledger)
    app = FastAPI(
        title="gradsweep",
        summary="Where training is stable, where it blows up, and how far your setting is from that edge.",
        version=version("gradsweep"),
        docs_url=None,
        redoc_url=None,
        responses={"4XX": {"model": Problem, "content": {"application/problem+json": {}}}},
        middleware=[
            Middleware(CountRequests, metrics=metrics),
            Middleware(RefuseOtherSites, allowed_hosts=settings.allowed_host_names),
        ],
    )
    app.state.settings = settings
    app.state.ledger = ledger
    app.state.metrics = metrics
    app.state.maps = StabilityMaps(ledger)
    app.state.compare_pages = ComparePages(ledger, settings)
    app.state.renderer = Renderer()
    install_problem_handlers(app)
    for router in ROUTERS:
        app.include_router(router)
    return app
