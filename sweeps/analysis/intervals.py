"""Intervals for proportions and for what lies between two learning rates."""

import math
from dataclasses import dataclass

from sweeps.analysis.labels import number_label

CONFIDENCE = 0.95
"""Of every interval in an analysis."""

Z_95 = 1.959963984540054
"""The 97.5 % point of the standard normal distribution."""

CHI2_95 = Z_95**2
"""The 95 % point of the χ² distribution with one degree of freedom."""


@dataclass(frozen=True)
class Interval:
    """A 95 % interval; an end is None where the data set no bound."""

    lo: float | None
    hi: float | None

    def label(self) -> str:
        """For example `[0.28, 0.35]`, or `[0.28, …)` where there is no upper bound."""
        lo = "(…" if self.lo is None else f"[{number_label(self.lo)}"
        hi = "…)" if self.hi is None else f"{number_label(self.hi)}]"
        return f"{lo}, {hi}"


def wilson(num_hits: int, num_trials: int) -> Interval:
    """The Wilson score interval of a proportion (Wilson 1927): honest for two seeds, unlike ± 2σ.

    No trials give [0, 1].

    >>> wilson(2, 2).label(), wilson(1, 2).label(), wilson(0, 0).label()
    ('[0.342, 1]', '[0.0945, 0.905]', '[0, 1]')
    """
    if num_trials == 0:
        return Interval(0.0, 1.0)
    share = num_hits / num_trials
    spread = CHI2_95 / num_trials
    middle = (share + spread / 2) / (1 + spread)
    half = math.sqrt(share * (1 - share) * spread + spread**2 / 4) / (1 + spread)
    lo = 0.0 if num_hits == 0 else max(middle - half, 0.0)
    hi = 1.0 if num_hits == num_trials else min(middle + half, 1.0)
    return Interval(lo, hi)
