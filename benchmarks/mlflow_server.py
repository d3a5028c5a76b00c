"""The MLflow server of the contestants: started as gradsweep's own stack starts it."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from benchmarks.guarded import guarded
from service.stack.parts import Parts
from service.stack.ports import free_port
from sweeps.mlflow_server import mlflow_server_command

START_SECONDS = 60.0


@contextmanager
def mlflow_server(state_dir: Path) -> Iterator[str]:
    """A tracking server on a free port with its data in `state_dir`; its address."""
    port = free_port()
    command = mlflow_server_command(state_dir, port=port, environ=os.environ)
    url = f"http://127.0.0.1:{port}"
    with guarded("mlflow", command.argv, command.env, state_dir) as parts:
        _wait(f"{url}/health", parts)
        yield url


def _wait(url: str, parts: Parts) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        parts.check()
        try:
            if httpx.get(url, timeout=5).is_success:
                return
        except httpx.HTTPError:
            time.sleep(0.1)
    raise RuntimeError("MLflow's server does not answer")
