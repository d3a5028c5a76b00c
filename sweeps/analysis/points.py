"""How trials ended at one learning rate: counts, P(stable) with its interval, the majority."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from statistics import fmean

from sweeps.analysis.intervals import Interval, wilson
from sweeps.analysis.observation import Observation
from trainers.record import OutcomeName

SEVERITY: tuple[OutcomeName, ...] = (
    "stable", "spiky", "stalled", "vanished", "oscillating", "diverged", "exploded", "failed",
)  # fmt: skip
"""From harmless to worst. Where outcomes are equally frequent, the worse one is called the majority."""


@dataclass(frozen=True)
class Tally:
    """Trials that ended alike or not; `failed` ones are counted in `num_failed` and nowhere else.

    `num_partial` were stopped early, and count as what they were by then.
    """

    counts: dict[OutcomeName, int]
    num_trials: int
    num_stable: int
    num_failed: int
    p_stable: float | None
    interval: Interval
    majority: OutcomeName | None
    trials: tuple[int, ...]
    num_partial: int = 0


@dataclass(frozen=True)
class LrPoint:
    """What happened at one learning rate of a cell.

    Means are over the seeds with a finite number that were trained to the end.
    """

    lr: float
    tally: Tally
    objective: float | None
    objective_lo: float | None
    objective_hi: float | None


def tally(trials: Sequence[Observation]) -> Tally:
    """Count outcomes. Without a trial that ended by itself, P(stable) is None and its interval [0, 1]."""
    outcomes, numbers = [trial.outcome for trial in trials], [trial.number for trial in trials]
    return tally_outcomes(outcomes, numbers, sum(trial.is_partial for trial in trials))


def tally_outcomes(
    outcomes: Sequence[OutcomeName], numbers: Sequence[int] = (), num_partial: int = 0
) -> Tally:
    """The same of outcomes alone; `numbers` are those of the trials, `num_partial` of them stopped early."""
    found = Counter(outcomes)
    num_failed = found.pop("failed", 0)
    num_trials, num_stable = found.total(), found["stable"]
    return Tally(
        counts={name: found[name] for name in SEVERITY if found[name]},
        num_trials=num_trials,
        num_stable=num_stable,
        num_failed=num_failed,
        p_stable=num_stable / num_trials if num_trials else None,
        interval=wilson(num_stable, num_trials),
        majority=_majority(found),
        trials=tuple(numbers),
        num_partial=num_partial,
    )


def lr_points(trials: Sequence[Observation]) -> tuple[LrPoint, ...]:
    """The points of a set of trials, by learning rate."""
    ordered = sorted(trials, key=lambda trial: (trial.lr, trial.number))
    return tuple(_point(lr, list(group)) for lr, group in groupby(ordered, key=lambda trial: trial.lr))


def _point(lr: float, trials: list[Observation]) -> LrPoint:
    whole = [trial for trial in trials if not trial.is_partial]
    objectives = [trial.objective for trial in whole if trial.objective is not None]
    return LrPoint(
        lr=lr,
        tally=tally(trials),
        objective=fmean(objectives) if objectives else None,
        objective_lo=min(objectives, default=None),
        objective_hi=max(objectives, default=None),
    )


def _majority(found: Counter[OutcomeName]) -> OutcomeName | None:
    if not found:
        return None
    return max(found, key=lambda name: (found[name], SEVERITY.index(name)))
