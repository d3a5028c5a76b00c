"""What one contestant's turn at one case took."""

import os
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from benchmarks.cases import CURVES, Case
from benchmarks.completeness import LoggedTrial, Required, logged_trials, problems
from benchmarks.contestants.base import Train
from benchmarks.processor_time import processor_time

SETTLE_SECONDS = 5.0
"""Between the trials to warm up and the measured ones: what starting left to do is done by then."""


@dataclass(frozen=True)
class Measurement:
    """One turn.

    `seconds` is the wall time from the order to the last trial in MLflow, for `num_trials` trials. Of a slow
    contestant only `num_timed` were trained, in `timed_seconds`, and the rest is taken to go at their pace.
    In that time the contestant used `cpu_seconds` of processors, and other programs `others_cpu_seconds`.
    `start_seconds` came before: processes, servers, imports. `points_per_trial` are the metric values in
    MLflow, those of the required curves and more. `problems` says what is missing in MLflow.
    """

    round: int
    case: str
    contestant: str
    num_trials: int
    num_timed: int
    seconds: float
    timed_seconds: float
    cpu_seconds: float
    others_cpu_seconds: float
    start_seconds: float
    first_result_seconds: float | None
    points_per_trial: int
    median_train_loss: float | None
    problems: tuple[str, ...]
    commit: str
    measured_at: float


@dataclass(frozen=True)
class Turn:
    """Which contestant trains, when, and where its data lie."""

    round: int
    contestant: str
    folder: Path
    start_seconds: float


def measure(turn: Turn, train: Train, case: Case, num_timed: int) -> Measurement:
    """Train the first trials of a case to warm up, then `num_timed`; check what is in MLflow."""
    train(case, case.settings[: case.num_per_lr])
    time.sleep(SETTLE_SECONDS)
    with processor_time() as used:
        started_at, started = time.time(), time.monotonic()
        train(case, case.settings[:num_timed])
        seconds = time.monotonic() - started
    has_mlflow = (turn.folder / "mlflow.db").exists()
    trials = logged_trials(turn.folder, started_at) if has_mlflow else []
    finish_seconds = [trial.ended_at - started_at for trial in trials]
    required = Required(num_timed, CURVES, case.num_points)
    return Measurement(
        round=turn.round,
        case=case.name,
        contestant=turn.contestant,
        num_trials=case.num_trials,
        num_timed=num_timed,
        seconds=extrapolated(seconds, finish_seconds, num_timed, case.num_trials),
        timed_seconds=seconds,
        cpu_seconds=used.ours,
        others_cpu_seconds=used.others,
        start_seconds=turn.start_seconds,
        first_result_seconds=min(finish_seconds, default=None),
        points_per_trial=sum(trials[0].num_points.values()) if trials else 0,
        median_train_loss=_median_loss(trials),
        problems=tuple(problems(trials, required)) if has_mlflow else (),
        commit=commit(),
        measured_at=started_at,
    )


def extrapolated(seconds: float, finish_seconds: list[float], num_timed: int, num_trials: int) -> float:
    """Seconds that `num_trials` trials take when `num_timed` took `seconds` and ended at `finish_seconds`.

    The rest goes at the pace of the second half, which leaves out what only the start costs; of trials
    whose ends are not known, at the pace of all.

    >>> extrapolated(11.0, [4.0, 6.0, 8.0, 10.0], num_timed=4, num_trials=8)
    19.0
    >>> extrapolated(11.0, [], num_timed=4, num_trials=8)
    22.0
    """
    if num_timed == num_trials:
        return seconds
    ends = sorted(finish_seconds)
    if len(ends) < 2:
        return seconds * num_trials / num_timed
    middle = len(ends) // 2 - 1
    pace = (ends[-1] - ends[middle]) / (len(ends) - 1 - middle)
    return seconds + pace * (num_trials - num_timed)


def commit() -> str:
    """The commit that is measured, marked when files were changed since; empty without git."""
    described = subprocess.run(
        ("git", "describe", "--always", "--dirty", "--exclude=*"), capture_output=True, text=True, check=False
    )
    return described.stdout.strip()


def _median_loss(trials: list[LoggedTrial]) -> float | None:
    losses = [trial.train_loss for trial in trials if trial.train_loss is not None]
    return median(losses) if losses else None


QUIET = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "DO_NOT_TRACK": "true",
    "RAY_USAGE_STATS_ENABLED": "0",
    "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
}
"""No contestant tells anybody that it runs, or prints a line for each run."""


def environment() -> dict[str, str]:
    """What a contestant's process is started with; Ray's workers find this package by it too."""
    root = str(Path(__file__).parents[1])
    path = os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH"))))
    return {**os.environ, **QUIET, "PYTHONPATH": path}
