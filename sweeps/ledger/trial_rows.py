"""A trial as a row of the `trials` table and back."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from sqlalchemy import RowMapping

from sweeps.ledger import tables
from sweeps.ledger.base import EndedTrial, TrialRow
from sweeps.ledger.curve_archive import from_archive
from sweeps.ledger.strict_json import finite_number
from trainers.record import Curves, Evidence, TrialRecord, Verdict

TRIAL_COLUMNS = [column for column in tables.trials.c if column.name != "mirror_attempted"]
NO_CURVES = Curves(np.empty(0, np.int64), {}, (), {})


def trial_values(sweep_id: str, trial: EndedTrial, ended_at: float) -> Mapping[str, Any]:
    """The columns of `trial`; numbers that are not finite become None."""
    record = trial.record
    return {
        "sweep_id": sweep_id,
        "number": trial.number,
        "config_number": trial.config_number,
        "repeat": trial.repeat,
        "config": trial.config,
        "axes": trial.axes,
        "outcome": record.verdict.outcome,
        "evidence": vars(record.verdict.evidence),
        "num_steps_done": record.num_steps_done,
        "final": record.final,
        "objective": finite_number(trial.objective),
        "pack": trial.pack,
        "train_seconds": record.train_seconds,
        # PostgreSQL's text holds every character but this one, and a traceback may quote anything.
        "error": None if record.error is None else record.error.replace("\0", "\N{REPLACEMENT CHARACTER}"),
        "ended_at": ended_at,
        "mirror_attempted": False,
    }


def as_trial(row: RowMapping) -> TrialRow:
    """A row of `TRIAL_COLUMNS`; its curves are empty unless the row has their `data`."""
    return TrialRow(
        sweep_id=row["sweep_id"],
        number=row["number"],
        config_number=row["config_number"],
        repeat=row["repeat"],
        config=row["config"],
        axes=row["axes"],
        record=_as_record(row),
        objective=row["objective"],
        pack=row["pack"],
        ended_at=row["ended_at"],
        mlflow_run_id=row["mlflow_run_id"],
    )


def _as_record(row: RowMapping) -> TrialRecord:
    return TrialRecord(
        number=row["number"],
        verdict=Verdict(row["outcome"], Evidence(**row["evidence"])),
        num_steps_done=row["num_steps_done"],
        final=row["final"],
        curves=from_archive(row["data"]) if "data" in row else NO_CURVES,
        train_seconds=row["train_seconds"],
        error=row["error"],
    )
