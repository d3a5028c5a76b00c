"""`python -m sweeps.mlflow_serve`: MLflow's tracking server in this one process.

`mlflow server` imports all of MLflow to prepare the database, and then starts a second process that imports
it again to serve. Here one process does both: five seconds of processor time and 200 MB less. It serves what
`mlflow server` serves, with the environment that `mlflow server` makes for its worker.
"""

import argparse
import os
import runpy
import sys
import uuid
from collections.abc import Sequence
from pathlib import Path

from sweeps.quick_imports import quick_imports, without

SERVED_ARTIFACTS = "mlflow-artifacts:/"
"""Artifacts go through the server, which keeps them at its own destination."""
SPARED = ("pyarrow", "scipy")
"""What MLflow and pandas import if it is installed, and a tracking server never needs: 44 MB."""


def main(argv: Sequence[str] | None = None) -> None:
    """Prepare the database and serve until SIGTERM or SIGINT. Raises `MlflowException`."""
    options = _parser().parse_args(argv)
    # MLflow reads these while it is imported, its security settings among them.
    os.environ |= server_environment(
        options.backend_store_uri, options.artifacts_destination, options.allowed_hosts
    )
    with quick_imports(), without(*SPARED):
        import mlflow.server.fastapi_app  # noqa: F401 - what uvicorn serves
        from mlflow.server.handlers import initialize_backend_stores

    initialize_backend_stores(options.backend_store_uri, options.backend_store_uri, SERVED_ARTIFACTS)
    _serve(options.host, options.port)


def server_environment(store_url: str, artifact_folder: str, allowed_hosts: str) -> dict[str, str]:
    """What `mlflow server` passes on to the process that serves."""
    return {
        "_MLFLOW_SERVER_FILE_STORE": store_url,
        "_MLFLOW_SERVER_REGISTRY_STORE": store_url,
        "_MLFLOW_SERVER_ARTIFACT_ROOT": SERVED_ARTIFACTS,
        "_MLFLOW_SERVER_ARTIFACT_DESTINATION": artifact_folder,
        "_MLFLOW_SERVER_SERVE_ARTIFACTS": "true",
        "_MLFLOW_SERVER_BOOT_ID": uuid.uuid4().hex,
        "_MLFLOW_IN_JOB_EXECUTOR": "false",
        "_MLFLOW_SGI_NAME": "uvicorn",
        "MLFLOW_SERVER_ALLOWED_HOSTS": allowed_hosts,
        "MLFLOW_ENABLE_WORKSPACES": "false",
    }


def _serve(host: str, port: int) -> None:
    """Run `uvicorn` as its own command would, here: with one worker it serves in its own process."""
    import mlflow.server

    log_config = Path(mlflow.server.__file__).with_name("uvicorn_log_config.yaml")
    serve = ("--log-config", str(log_config), "--host", host, "--port", str(port), "--workers", "1")
    sys.argv = ["uvicorn", *serve, "mlflow.server.fastapi_app:app"]
    runpy.run_module("uvicorn", run_name="__main__")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m sweeps.mlflow_serve", description=__doc__)
    parser.add_argument("--host", required=True, help="address to listen on")
    parser.add_argument("--port", type=int, required=True, help="port to listen on")
    parser.add_argument("--backend-store-uri", required=True, help="URL of the database")
    parser.add_argument("--artifacts-destination", required=True, help="folder of the artifacts")
    parser.add_argument("--allowed-hosts", required=True, help="hosts that requests may name, by comma")
    return parser


if __name__ == "__main__":
    main()
