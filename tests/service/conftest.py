"""The real front end on a real SQLite ledger, behind a real port."""

import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import uvicorn
from fastapi import FastAPI

from service.app import create_app
from service.settings import ServiceSettings
from sweeps.ledger import Ledger
from sweeps.ledger.base import Sweep
from tests.service.samples import TINY, YAML


@pytest.fixture
def settings(tmp_path: Path) -> ServiceSettings:
    return ServiceSettings(
        state_dir=tmp_path,
        allowed_hosts="known.example",
        event_poll_seconds=0.02,
        event_ping_seconds=0.1,
        report_wait_seconds=1.0,
    )


@pytest.fixture
def app(settings: ServiceSettings) -> Iterator[FastAPI]:
    app = create_app(settings)
    yield app
    app.state.ledger.close()


@pytest.fixture
def ledger(app: FastAPI) -> Ledger:
    ledger: Ledger = app.state.ledger
    return ledger


@pytest.fixture
def api(server: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server, timeout=30) as client:
        yield client


@pytest.fixture
def sweep(api: httpx.Client, ledger: Ledger) -> Sweep:
    """The tiny sweep, queued over HTTP."""
    answer = api.post("/v1/sweeps", content=TINY, headers=YAML)
    assert answer.status_code == 201, answer.text
    return ledger.get_sweep(answer.json()["id"])


@pytest.fixture
def server(app: FastAPI) -> Iterator[str]:
    """The address of the app behind a real port."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(app, log_level="error", timeout_graceful_shutdown=1))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        while httpx.get(f"{url}/healthz").status_code != 200:
            time.sleep(0.01)
        yield url
        server.should_exit = True
        thread.join()
