"""Rungs: steps at which the trials of a pack are compared, and only the best go on."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, isfinite
from typing import Literal

from trainers.record import TrialRecord

STOPPED_EARLY = "stopped_early"
"""Key of a record's `final`: 1 when the trial was stopped before its last step for others' sake."""


@dataclass(frozen=True)
class Rungs:
    """After which numbers of steps to compare trials, and by which metric.

    At each rung the best 1/`factor` of the trials that came from the one before go on, rounded up. With
    `factor` None nobody is stopped: whoever owns the pack decides.
    """

    steps: tuple[int, ...]
    metric: str
    mode: Literal["min", "max"]
    factor: int | None
    num_entered: int | None = None
    """Trials that the pack had when it was dealt, where some of them have ended before."""

    def next_after(self, num_passed: int) -> int | None:
        """The step of the next rung once `num_passed` are behind; None when there is no more."""
        return self.steps[num_passed] if num_passed < len(self.steps) else None

    def num_kept(self, num_entered: int) -> int:
        """How many of the trials that entered a rung may go on."""
        return num_entered if self.factor is None else ceil(num_entered / self.factor)

    def rank(self, records: Sequence[TrialRecord]) -> list[int]:
        """Indices of records, the best first; what is not finite comes last, equals in order of number."""
        return sorted(
            range(len(records)), key=lambda index: (*self._badness(records[index]), records[index].number)
        )

    def _badness(self, record: TrialRecord) -> tuple[bool, float]:
        value = record.final.get(self.metric)
        if value is None or not isfinite(value):
            return True, 0.0
        return False, value if self.mode == "min" else -value


def rung_steps(num_steps: int, factor: int, num_rungs: int) -> tuple[int, ...]:
    """The steps of at most `num_rungs` rungs, each `factor` times the one before, the last below the end.

    >>> rung_steps(270, 3, 2), rung_steps(5, 3, 2), rung_steps(1, 3, 2)
    ((30, 90), (1, 3), ())
    """
    first = max(num_steps // factor**num_rungs, 1)
    return tuple(step for step in (first * factor**index for index in range(num_rungs)) if step < num_steps)


def is_stopped_early(record: TrialRecord) -> bool:
    """Whether a trial was stopped for others' sake, so that its outcome is the one so far."""
    return record.final.get(STOPPED_EARLY) == 1.0
