"""The real front end on a real SQLite ledger, behind a real port of this machine."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn
from fastapi import FastAPI
from starlette.types import ASGIApp, Receive, Scope, Send

from service.app import create_app
from service.settings import ServiceSettings


@contextmanager
def live_app(folder: Path) -> Iterator[FastAPI]:
    """The app on a ledger in `folder`, with streams that tests need not wait for."""
    settings = ServiceSettings(
        state_dir=folder,
        allowed_hosts="known.example",
        event_poll_seconds=0.02,
        event_ping_seconds=0.1,
        report_wait_seconds=1.0,
    )
    app = create_app(settings)
    yield app
    app.state.ledger.close()


class Switchboard:
    """One address for the apps of many tests: requests go to `app`, the one of the present test."""

    def __init__(self) -> None:
        self.app: ASGIApp | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self.app is not None and scope["type"] == "http":
            await self.app(scope, receive, send)


@contextmanager
def live_server(app: ASGIApp, port: int = 0) -> Iterator[str]:
    """The address of the app, on a free port unless one is given."""
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
        server = uvicorn.Server(
            uvicorn.Config(app, lifespan="off", log_level="error", timeout_graceful_shutdown=1)
        )
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        while not server.started:
            time.sleep(0.01)
        yield url
        server.should_exit = True
        thread.join()
