"""What a runner is told: where ledger and MLflow are, and what of which machines it may use."""

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

PREFIX = "GRADSWEEP_"
SQLITE = "sqlite:///"


@dataclass(frozen=True)
class RunnerSettings:
    """A runner's settings; None for processors and GPUs means all that this machine has."""

    ledger_url: str
    mlflow_uri: str | None = None
    name: str = "runner"
    ray_address: str | None = None
    num_cpus: int | None = None
    num_gpus: int | None = None
    state_dir: Path = Path(".gradsweep")
    lease_seconds: float = 15.0
    poll_seconds: float = 0.25
    once: bool = False

    @classmethod
    def from_argv(cls, argv: Sequence[str] | None, environ: Mapping[str, str]) -> "RunnerSettings":
        """Settings from the command line; most have a `GRADSWEEP_` variable too. Exits on bad options."""
        options = vars(_parser(environ).parse_args(argv))
        options["state_dir"] = options["state_dir"] or _state_dir_of(options["ledger_url"])
        options["mlflow_uri"] = options["mlflow_uri"] or None
        options["ray_address"] = options["ray_address"] or None
        return cls(**options)


def _parser(environ: Mapping[str, str]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m sweeps.runner", description="Claims sweeps from a ledger and trains them on Ray."
    )

    def variable(name: str) -> str | None:
        return environ.get(PREFIX + name) or None

    ledger = variable("LEDGER_URL")
    add = parser.add_argument
    add("--ledger", dest="ledger_url", default=ledger, required=ledger is None, help="URL of the ledger")
    add(
        "--mlflow",
        dest="mlflow_uri",
        default=variable("MLFLOW_URI"),
        help="MLflow; none: nothing is mirrored",
    )
    add("--name", default="runner", help="name of this runner in the ledger")
    add("--ray-address", default=variable("RAY_ADDRESS"), help="a cluster that runs; none: one of its own")
    add("--num-cpus", type=int, help="processors to use on this machine; all")
    add("--num-gpus", type=int, help="GPUs to use on this machine; all")
    add("--state-dir", type=Path, default=variable("STATE_DIR"), help="folder for Ray's files; the ledger's")
    add(
        "--lease-seconds", type=float, default=RunnerSettings.lease_seconds, help="until others may take over"
    )
    add(
        "--poll-seconds",
        type=float,
        default=RunnerSettings.poll_seconds,
        help="between two looks at the queue",
    )
    add("--once", action="store_true", help="end when no sweep waits and MLflow has everything")
    return parser


def _state_dir_of(ledger_url: str) -> Path:
    """Beside the ledger's file, when it is one."""
    if ledger_url.startswith(SQLITE):
        return Path(ledger_url.removeprefix(SQLITE)).parent
    return RunnerSettings.state_dir
