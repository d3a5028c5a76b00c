"""The live front end and a browser that looks at it."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from playwright.sync_api import Browser, Page

from sweeps.ledger import Ledger
from sweeps.ledger.base import Sweep
from tests.browser.chromium import chromium
from tests.service.live import live_app, live_server
from tests.service.samples import TINY, YAML


@pytest.fixture
def app(tmp_path: Path) -> Iterator[FastAPI]:
    with live_app(tmp_path) as app:
        yield app


@pytest.fixture
def ledger(app: FastAPI) -> Ledger:
    ledger: Ledger = app.state.ledger
    return ledger


@pytest.fixture
def server(app: FastAPI) -> Iterator[str]:
    with live_server(app) as url:
        yield url


@pytest.fixture
def sweep(server: str, ledger: Ledger) -> Sweep:
    """The tiny sweep, queued over HTTP."""
    answer = httpx.post(f"{server}/v1/sweeps", content=TINY, headers=YAML)
    return ledger.get_sweep(answer.json()["id"])


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def forgiven() -> list[str]:
    """Parts of complaints that a test brings about on purpose."""
    return []


@pytest.fixture
def page(browser: Browser, server: str, forgiven: list[str]) -> Iterator[Page]:
    """A page that must not complain, and must not ask anybody but the server."""
    page = browser.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda request: complaints.append(request.url) if server not in request.url else None)
    yield page
    page.close()
    assert not [text for text in complaints if not any(part in text for part in forgiven)]
