"""The values of an axis as a map or a table lists them: each one, or bins where there are many."""

import math
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

from sweeps.analysis.labels import ABSENT, number_label, unique_labels
from sweeps.analysis.observation import value_key

MOST_NUMBERS = 32
"""Different numbers that are listed one by one; more become bins."""

NUM_BINS = 16


@dataclass(frozen=True)
class Level:
    """One value of an axis, or a bin [lo, hi) of numbers; `is_absent` where the axis does not exist."""

    label: str
    value: Any = None
    lo: float | None = None
    hi: float | None = None
    is_absent: bool = False

    @property
    def middle(self) -> float | None:
        """Where to draw it on a number line; None for what is no number."""
        if self.lo is not None and self.hi is not None:
            return math.sqrt(self.lo * self.hi) if self.lo > 0 else (self.lo + self.hi) / 2
        return float(self.value) if is_number(self.value) else None


@dataclass(frozen=True)
class Axis:
    """What one setting took on in this sweep. Binned axes list ranges instead of values."""

    path: str
    label: str
    levels: tuple[Level, ...]
    is_binned: bool
    is_log: bool
    num_values: int

    def index(self, axes: Mapping[str, Any]) -> int:
        """Which level a trial with these axis values lies in."""
        if self.path not in axes:
            return len(self.levels) - 1
        value = axes[self.path]
        if self.is_binned:
            return max(bisect_right(self._bounds, float(value)) - 1, 0)
        return self._positions[value_key(value)]

    @cached_property
    def _bounds(self) -> list[float]:
        return [level.lo for level in self.levels if level.lo is not None]

    @cached_property
    def _positions(self) -> dict[str, int]:
        return {
            value_key(level.value): index
            for index, level in enumerate(self.levels)
            if not level.is_absent and level.lo is None
        }


def is_number(value: Any) -> bool:
    """Whether a value lies on a number line; truth values do not."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def make_axis(
    path: str,
    label: str,
    trials: Sequence[Mapping[str, Any]],
    listed: Sequence[Any] = (),
    most_numbers: int = MOST_NUMBERS,
) -> Axis:
    """The axis as the trials show it: numbers by size, anything else in the order of `listed`.

    More than `most_numbers` different numbers become bins.
    """
    present = {value_key(axes[path]): axes[path] for axes in trials if path in axes}
    values = list(present.values())
    absent = (Level(ABSENT, is_absent=True),) if any(path not in axes for axes in trials) else ()
    numeric = bool(values) and all(is_number(value) for value in values)
    if numeric:
        values.sort()
        is_log = spans_decades(values)
        if len(values) > most_numbers:
            return Axis(path, label, (*_bins(values, is_log), *absent), True, is_log, len(values))
    else:
        is_log = False
        order = {value_key(value): index for index, value in enumerate(listed)}
        values.sort(key=lambda value: order.get(value_key(value), len(order)))
    labels = unique_labels(values)
    levels = tuple(Level(label, value) for label, value in zip(labels, values, strict=True))
    return Axis(path, label, (*levels, *absent), False, is_log, len(values))


def spans_decades(values: Sequence[float]) -> bool:
    """Whether sorted numbers are better read on a logarithmic scale."""
    return bool(values) and values[0] > 0 and values[-1] / values[0] >= 10


def _bins(values: Sequence[float], is_log: bool) -> list[Level]:
    lo, hi = float(values[0]), float(values[-1])
    fractions = [index / NUM_BINS for index in range(NUM_BINS + 1)]
    if is_log:
        edges = [lo * (hi / lo) ** fraction for fraction in fractions]
    else:
        edges = [lo + (hi - lo) * fraction for fraction in fractions]
    return [Level(f"{number_label(a)}–{number_label(b)}", lo=a, hi=b) for a, b in pairwise(edges)]
