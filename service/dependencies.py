"""What routes are given: the app's collaborators, and rows that must exist."""

from typing import Annotated

from fastapi import Depends, Request

from service.maps import StabilityMaps
from service.settings import ServiceSettings
from sweeps.ledger import Ledger
from sweeps.ledger.base import Sweep


def get_settings(request: Request) -> ServiceSettings:
    """The settings that the app was made with."""
    settings: ServiceSettings = request.app.state.settings
    return settings


def get_ledger(request: Request) -> Ledger:
    """The app's ledger."""
    ledger: Ledger = request.app.state.ledger
    return ledger


def get_maps(request: Request) -> StabilityMaps:
    """The app's stability maps."""
    maps: StabilityMaps = request.app.state.maps
    return maps


SettingsDep = Annotated[ServiceSettings, Depends(get_settings)]
LedgerDep = Annotated[Ledger, Depends(get_ledger)]
MapsDep = Annotated[StabilityMaps, Depends(get_maps)]


def get_sweep(sweep_id: str, ledger: LedgerDep) -> Sweep:
    """The sweep that the path names; `NotFoundError` becomes a 404."""
    return ledger.get_sweep(sweep_id)


SweepDep = Annotated[Sweep, Depends(get_sweep)]
