"""The command of an MLflow tracking server as gradsweep runs it: one process, SQLite, nothing on the side."""

import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sweeps.mlflow_store import TrackingStore

SERVER_ENVIRONMENT = {
    "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "DO_NOT_TRACK": "true",
}


@dataclass(frozen=True)
class ServerCommand:
    """A process to start, and the store that it serves, for the mirrors of its machine."""

    argv: tuple[str, ...]
    env: Mapping[str, str]
    store: TrackingStore


def mlflow_server_command(
    state_dir: Path,
    *,
    host: str = "127.0.0.1",
    port: int = 5000,
    allowed_hosts: Sequence[str] = (),
    environ: Mapping[str, str] | None = None,
) -> ServerCommand:
    """A tracking server whose data lies in `state_dir`, which must be absolute.

    Requests are answered under `host` and under the names of this machine in `allowed_hosts`, a port
    included. Raises `ValueError` for a relative `state_dir`.
    """
    if not state_dir.is_absolute():
        raise ValueError(f"MLflow's folder must be absolute, or its data would move with us: {state_dir}")
    store = server_store(state_dir)
    names = dict.fromkeys([f"{host}:{port}", f"127.0.0.1:{port}", f"localhost:{port}", *allowed_hosts])
    argv = (
        *(sys.executable, "-m", "sweeps.mlflow_serve", "--host", host, "--port", str(port)),
        *("--backend-store-uri", store.url, "--artifacts-destination", str(store.artifact_dir)),
        *("--allowed-hosts", ",".join(names)),
    )
    inherited = os.environ if environ is None else environ
    return ServerCommand(argv, {**inherited, **SERVER_ENVIRONMENT}, store)


def server_store(state_dir: Path) -> TrackingStore:
    """What lies behind the server of `mlflow_server_command(state_dir)`."""
    return TrackingStore(f"sqlite:///{state_dir / 'mlflow.db'}", state_dir / "mlartifacts")
