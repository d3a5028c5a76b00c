"""The commands that make up a stack: MLflow server, runner and API, each with its environment."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from service.settings import DEFAULT_HOST, ServiceSettings
from service.stack.leftovers import STACK_ID_VARIABLE
from service.stack.part import PartPlan
from service.stack.state import StateDir
from sweeps.mlflow_page import PAGE_VARIABLE
from sweeps.mlflow_server import mlflow_server_command, server_store

QUIET = {"MLFLOW_DISABLE_TELEMETRY": "true", "DO_NOT_TRACK": "true", "RAY_USAGE_STATS_ENABLED": "0"}
"""No part tells anybody that it runs."""


@dataclass(frozen=True)
class StackOptions:
    """What a user may choose about a stack; a port of None means the usual one, or a free one if taken."""

    state_dir: Path
    host: str = DEFAULT_HOST
    port: int | None = None
    mlflow_port: int | None = None
    num_runners: int = 1


@dataclass(frozen=True)
class StackContext:
    """What the parts of one stack share."""

    state: StateDir
    stack_id: str
    host: str
    port: int
    mlflow_port: int
    environ: Mapping[str, str]

    @property
    def api_url(self) -> str:
        """The API's address."""
        return f"http://{_url_host(self.host)}:{self.port}"

    @property
    def mlflow_url(self) -> str:
        """The MLflow server's address."""
        return f"http://{_url_host(self.host)}:{self.mlflow_port}"

    @property
    def environment(self) -> dict[str, str]:
        """The environment of every part: the caller's, marked with the stack's id."""
        return {**self.environ, **QUIET, STACK_ID_VARIABLE: self.stack_id}


def mlflow_plan(context: StackContext) -> PartPlan:
    """The MLflow tracking server, its data in the state folder."""
    command = mlflow_server_command(
        context.state.root, host=context.host, port=context.mlflow_port, environ=context.environment
    )
    return PartPlan("mlflow", command.argv, command.env, grace_seconds=5.0)


def runner_plan(context: StackContext, number: int) -> PartPlan:
    """A runner that claims sweeps from the ledger and trains them."""
    store = server_store(context.state.root).to_environment()
    # What the user says of its address holds, for example behind a proxy.
    env = {PAGE_VARIABLE: context.api_url, **context.environment, **store}
    return _runner(f"runner-{number}", context.state, context.mlflow_url, env)


def local_runner_plan(state: StateDir, environ: Mapping[str, str]) -> PartPlan:
    """A runner that writes to MLflow's SQLite store itself, for a sweep without servers."""
    return _runner("runner", state, state.mlflow_url, {**environ, **QUIET})


def api_plan(context: StackContext) -> PartPlan:
    """The HTTP front end."""
    settings = ServiceSettings(
        state_dir=context.state.root,
        ledger_url=context.state.ledger_url,
        mlflow_uri=context.mlflow_url,
        host=context.host,
        port=context.port,
    )
    env = {**context.environment, **settings.to_environment()}
    return PartPlan("api", [sys.executable, "-m", "service"], env, grace_seconds=5.0)


def _runner(name: str, state: StateDir, mlflow_uri: str, env: Mapping[str, str]) -> PartPlan:
    argv = [
        *(sys.executable, "-m", "sweeps.runner"),
        *("--ledger", state.ledger_url, "--mlflow", mlflow_uri, "--name", name),
    ]
    return PartPlan(name, argv, env, grace_seconds=15.0)


def _url_host(host: str) -> str:
    reachable = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    return f"[{reachable}]" if ":" in reachable else reachable
