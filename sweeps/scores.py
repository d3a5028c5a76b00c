"""Numbers that Ray Tune and searchers may see: always finite, always less is better."""

from math import isfinite
from typing import Literal

from trainers.record import TrialRecord

CAP = 1e30
"""Finite objectives beyond this count as this: no real loss is near it, and squares of it stay finite."""

WORST = 1e31
"""The score of a trial without a finite objective: worse than every finite one."""


def objective_of(record: TrialRecord, metric: str) -> float | None:
    """A trial's objective; None when it was not measured or is not finite."""
    value = record.final.get(metric)
    return value if value is not None and isfinite(value) else None


def finite_score(objective: float | None, mode: Literal["min", "max"]) -> float:
    """The score of an objective: finite for any input, and smaller for a better trial.

    >>> finite_score(0.25, "min"), finite_score(0.9, "max")
    (0.25, -0.9)
    >>> finite_score(float("nan"), "min") > finite_score(float("1e300"), "min")
    True
    """
    if objective is None or not isfinite(objective):
        return WORST
    signed = objective if mode == "min" else -objective
    return max(-CAP, min(CAP, signed))
