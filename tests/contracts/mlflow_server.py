"""A real MLflow server for tests, started as the stack starts it."""

import subprocess
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from service.stack.ports import free_port
from sweeps.mlflow_server import mlflow_server_command
from sweeps.mlflow_store import TrackingStore
from tests.waiting import until

START_SECONDS = 120.0


@dataclass(frozen=True)
class RunningServer:
    """A server that answers, and what lies behind it."""

    url: str
    store: TrackingStore


@contextmanager
def mlflow_server(folder: Path, port: int | None = None) -> Iterator[RunningServer]:
    """A server with its data in `folder`; it has ended when the block has."""
    chosen = free_port() if port is None else port
    command = mlflow_server_command(folder, port=chosen)
    with (folder / "mlflow.log").open("ab") as log:
        process = subprocess.Popen(command.argv, env=dict(command.env), stdout=log, stderr=log)
    try:
        _wait(f"http://127.0.0.1:{chosen}", process, folder / "mlflow.log")
        yield RunningServer(f"http://127.0.0.1:{chosen}", command.store)
    finally:
        process.terminate()
        process.wait(timeout=START_SECONDS)


def _wait(url: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    until(lambda: _answers(url) or process.poll() is not None, START_SECONDS)
    if not _answers(url):
        raise RuntimeError(f"the MLflow server did not start:\n{log.read_text()[-4000:]}")


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/health", timeout=5) as answer:
            return bool(answer.read() == b"OK")  # others answer any address with 200 too
    except OSError:  # of which urllib's own errors are some
        return False
