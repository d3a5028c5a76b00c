"""The live front end as fixtures."""

import ssl
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from sweeps.ledger import Ledger
from sweeps.ledger.base import Sweep
from tests.service.live import Switchboard, live_app, live_server
from tests.service.samples import TINY, YAML


@pytest.fixture
def app(tmp_path: Path) -> Iterator[FastAPI]:
    with live_app(tmp_path) as app:
        yield app


@pytest.fixture(scope="session")
def address() -> Iterator[tuple[Switchboard, str]]:
    """A server that starts once, and its address."""
    switchboard = Switchboard()
    with live_server(switchboard) as url:
        yield switchboard, url


@pytest.fixture
def server(app: FastAPI, address: tuple[Switchboard, str]) -> str:
    """Where the app of this test answers."""
    switchboard, url = address
    switchboard.app = app
    return url


@pytest.fixture
def ledger(app: FastAPI) -> Ledger:
    ledger: Ledger = app.state.ledger
    return ledger


@pytest.fixture(scope="session")
def certificates() -> ssl.SSLContext:
    """Read once: 25 ms, which every client would take for itself, though nothing here is encrypted."""
    return ssl.create_default_context()


@pytest.fixture
def api(server: str, certificates: ssl.SSLContext) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server, timeout=30, verify=certificates) as client:
        yield client


@pytest.fixture
def sweep(api: httpx.Client, ledger: Ledger) -> Sweep:
    """The tiny sweep, queued over HTTP."""
    answer = api.post("/v1/sweeps", content=TINY, headers=YAML)
    assert answer.status_code == 201, answer.text
    return ledger.get_sweep(answer.json()["id"])
