"""What a remedy bought: how far it moved the edge, and what it cost in the objective."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, geometric_mean
from typing import Literal

from sweeps.analysis.cells import Cell
from sweeps.analysis.intervals import Z_95, Interval
from sweeps.analysis.labels import count, number_label
from sweeps.analysis.levels import Axis, Level
from sweeps.analysis.remedy_pairs import RemedyPair, matched, pair_up

MOST_LEVELS = 12
"""An axis with more values than this is a scale, not a list of remedies."""

NO_REMEDY = frozenset({"none", "false", "0", "–", "[]", "constant"})
"""Labels of values that mean "without": where an axis has one, the others are compared with it."""


@dataclass(frozen=True)
class Remedy:
    """One value of an axis against the baseline, over all cells that differ in nothing else.

    `ratio` is the geometric mean of the estimates and `interval` its 95 % interval over seeds, for exactly
    these settings; `smallest` and `largest` show how much the settings differ. They are None when every edge
    lay beyond the range.
    """

    axis: str
    value: str
    baseline: str
    ratio: float | None
    interval: Interval
    smallest: float | None
    largest: float | None
    objective_ratio: float | None
    objective_smallest: float | None
    objective_largest: float | None
    metric: str
    mode: Literal["min", "max"]
    num_estimates: int
    num_bounds: int
    pairs: tuple[RemedyPair, ...]

    def text(self) -> str:
        """One sentence: the move, its interval, the spread over settings, the cost."""
        return f"{self.axis}={self.value} instead of {self.baseline} {self._move()}{self._price()}."

    def _move(self) -> str:
        beyond = f" (beyond the range in {self.num_bounds} more)" if self.num_bounds else ""
        if self.ratio is None:
            bounds = [pair for pair in self.pairs if pair.bound == "at_least"]
            if len(bounds) == len(self.pairs):
                least = number_label(min(pair.ratio for pair in bounds))
                return f"moved the edge at least {least}× in {count(len(bounds), 'setting')}"
            return f"cannot be judged: edges lie beyond the range in {count(self.num_bounds, 'setting')}"
        settings = count(self.num_estimates, "setting")
        spread = ""
        if self.smallest is not None and self.largest is not None and self.num_estimates > 1:
            spread = f" ({number_label(self.smallest)}× to {number_label(self.largest)}×)"
        clear = "" if self.is_clear else ", which may be no move at all"
        return (
            f"moved the edge {number_label(self.ratio)}× {self.interval.label()} over {settings}{spread}"
            f"{beyond}{clear}"
        )

    @property
    def is_clear(self) -> bool:
        """Whether the interval excludes that the edge stayed where it was."""
        lo, hi = self.interval.lo, self.interval.hi
        return (lo is not None and lo > 1) or (hi is not None and hi < 1)

    def _price(self) -> str:
        """What became of the best objective, on average over the settings."""
        ratio = self.objective_ratio
        if ratio is None:
            return ""
        verb = "cost" if (ratio > 1) == (self.mode == "min") else "gained"
        if 0.5 <= ratio <= 2:
            change = f"{number_label(100 * abs(ratio - 1))} % of"
        else:
            change = f"a factor of {number_label(max(ratio, 1 / ratio))} in"
        return f" and {verb} {change} the best {self.metric}{self._spread_of_prices()}"

    def _spread_of_prices(self) -> str:
        """How much settings differ in it, as ratios; nothing where there is one."""
        low, high = self.objective_smallest, self.objective_largest
        if low is None or high is None or low == high:
            return ""
        return f" ({number_label(low)}× to {number_label(high)}×)"


def find_remedies(
    cells: Sequence[Cell], axes: Sequence[Axis], metric: str, mode: Literal["min", "max"]
) -> tuple[Remedy, ...]:
    """Every value of every axis against its baseline, where cells can be paired."""
    found = []
    for axis in axes:
        if axis.is_binned or not 2 <= len(axis.levels) <= MOST_LEVELS:
            continue
        groups = matched(cells, axis)
        baseline = _baseline(axis)
        for index, level in enumerate(axis.levels):
            pairs = [p for group in groups if (p := pair_up(group, baseline, index, mode)) is not None]
            if index != baseline and pairs:
                found.append(_remedy(axis, level, axis.levels[baseline], pairs, metric, mode))
    return tuple(found)


def _baseline(axis: Axis) -> int:
    labels = [level.label for level in axis.levels]
    return next((index for index, label in enumerate(labels) if label in NO_REMEDY), 0)


def _remedy(
    axis: Axis,
    level: Level,
    baseline: Level,
    pairs: list[RemedyPair],
    metric: str,
    mode: Literal["min", "max"],
) -> Remedy:
    logs = [math.log(pair.ratio) for pair in pairs if pair.bound == "estimate"]
    errors = [pair.log_error for pair in pairs if pair.bound == "estimate"]
    prices = [pair.objective_ratio for pair in pairs if pair.objective_ratio is not None]
    ratio, interval = None, Interval(None, None)
    if logs:
        middle, error = fmean(logs), math.hypot(*errors) / len(errors)
        ratio = math.exp(middle)
        interval = Interval(math.exp(middle - Z_95 * error), math.exp(middle + Z_95 * error))
    return Remedy(
        axis=axis.label,
        value=level.label,
        baseline=baseline.label,
        ratio=ratio,
        interval=interval,
        smallest=math.exp(min(logs)) if logs else None,
        largest=math.exp(max(logs)) if logs else None,
        objective_ratio=geometric_mean(prices) if prices else None,
        objective_smallest=min(prices, default=None),
        objective_largest=max(prices, default=None),
        metric=metric,
        mode=mode,
        num_estimates=len(logs),
        num_bounds=len(pairs) - len(logs),
        pairs=tuple(pairs),
    )
