"""What a contestant left in MLflow, read from its database, against what it had to leave."""

import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

NUM_PARAMS = 12
"""Params that every trial's run must have at least."""

TRIALS = """
    FROM runs WHERE status = 'FINISHED' AND run_uuid NOT IN (
        SELECT value FROM tags WHERE key = 'mlflow.parentRunId'
    )
"""
"""Runs of trials that ended: no run is under them."""


@dataclass(frozen=True)
class LoggedTrial:
    """One trial's run: its end in Unix seconds, number of params, points of each curve, last loss."""

    ended_at: float
    num_params: int
    num_points: Mapping[str, int]
    train_loss: float | None


@dataclass(frozen=True)
class Required:
    """What must be in MLflow: so many trials, each with so many points of each of these curves."""

    num_trials: int
    curves: Sequence[str]
    num_points: int
    num_params: int = NUM_PARAMS


def num_finished(folder: Path) -> int:
    """How many trials' runs have ended in the database of `folder`; a sweep's own run still goes on."""
    with _open(folder) as database:
        return int(database.execute("SELECT COUNT(*) FROM runs WHERE status = 'FINISHED'").fetchone()[0])


def logged_trials(folder: Path, since: float) -> list[LoggedTrial]:
    """Trials whose runs started at Unix second `since` or later, in the order in which they ended."""
    with _open(folder) as database:
        runs = dict(
            database.execute(
                f"SELECT run_uuid, end_time {TRIALS} AND start_time >= ? ORDER BY end_time", [1000 * since]
            )
        )
        params = dict(database.execute("SELECT run_uuid, COUNT(*) FROM params GROUP BY run_uuid"))
        points: dict[str, dict[str, int]] = {run: {} for run in runs}
        for run, key, count in database.execute(
            "SELECT run_uuid, key, COUNT(*) FROM metrics GROUP BY run_uuid, key"
        ):
            if run in points:
                points[run][key] = count
        losses = dict(database.execute("SELECT run_uuid, value FROM latest_metrics WHERE key = 'train_loss'"))
    return [
        LoggedTrial(ended_at / 1000, params.get(run, 0), points[run], losses.get(run))
        for run, ended_at in runs.items()
    ]


def problems(trials: Sequence[LoggedTrial], required: Required) -> list[str]:
    """What is missing, in words; empty when everything is there. More than was asked for is no problem."""
    found = []
    if len(trials) != required.num_trials:
        found.append(f"{len(trials)} trials instead of {required.num_trials}")
    few_params = [trial.num_params for trial in trials if trial.num_params < required.num_params]
    if few_params:
        found.append(f"{len(few_params)} trials with less than {required.num_params} params")
    for curve in required.curves:
        wrong = [
            trial.num_points.get(curve, 0)
            for trial in trials
            if trial.num_points.get(curve, 0) != required.num_points
        ]
        if wrong:
            found.append(
                f"{curve} has {wrong[0]} points instead of {required.num_points} in {len(wrong)} trials"
            )
    return found


def _open(folder: Path) -> "closing[sqlite3.Connection]":
    return closing(sqlite3.connect(f"file:{folder / 'mlflow.db'}?mode=ro", uri=True, timeout=30))
