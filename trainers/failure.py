"""Records of trials whose code or machine broke, as opposed to their numbers."""

import traceback

import numpy as np

from trainers.record import Curves, Evidence, TrialRecord, Verdict
from trainers.trial import PackTrial

MAX_LINES = 12
"""How many of a traceback's last lines a record keeps."""


def failed_record(trial: PackTrial, error: BaseException) -> TrialRecord:
    """The record of a trial that `error` ended: outcome `failed`, no curves."""
    lines = "".join(traceback.format_exception(error)).rstrip().splitlines()
    summary = traceback.format_exception_only(error)[-1].strip()
    empty = Curves(np.zeros(0, np.int64), {}, (), {})
    final = {"train_loss": None, "eval_loss": None, "initial_loss": None}
    return TrialRecord(
        number=trial.number,
        verdict=Verdict("failed", Evidence(rule=summary)),
        num_steps_done=0,
        final={**final, "stability_score": 0.0, "nonfinite": 0.0},
        curves=empty,
        train_seconds=0.0,
        error="\n".join(lines[-MAX_LINES:]),
    )
