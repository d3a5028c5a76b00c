"""Which axis matters: shares of the variance over settings that each axis explains."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from sweeps.analysis.intervals import Z_95, Interval
from sweeps.analysis.labels import percent
from sweeps.analysis.levels import Axis, is_number, make_axis
from sweeps.analysis.observation import LR_PATH, Observation
from sweeps.analysis.variance import (
    Array,
    Levels,
    grid_shares,
    resample_seeds,
    resample_settings,
    scattered_shares,
    seed_noise,
)

IntArray = NDArray[np.int64]

SETTINGS_IN_A_BIN = 6
"""Of a scattered design, at least: a number that every setting has to itself would explain everything."""

MOST_BINS, FEWEST_BINS = 16, 3

NUM_RESAMPLES = 200
RESAMPLING_SEED = 20_231_205


@dataclass(frozen=True)
class AxisImportance:
    """Shares of the variance over settings. `alone` is what the axis explains by itself (first-order index).

    `total` adds its interactions with other axes; it is None unless the settings form a complete grid.
    Intervals are over seeds, None with one seed.
    """

    axis: str
    alone: float
    alone_interval: Interval | None
    total: float | None
    total_interval: Interval | None
    num_levels: int


@dataclass(frozen=True)
class Importance:
    """Axes by what they explain of one target, the most important first.

    `design` is `grid` when every combination of levels was tried, with exact shares; else `scattered`, with
    shares corrected for chance (ε²), numbers in bins of several settings, and intervals over settings.
    """

    target: str
    design: Literal["grid", "scattered"]
    num_settings: int
    axes: tuple[AxisImportance, ...]

    def text(self) -> str:
        """One sentence naming the axes in order, with intervals."""
        parts = [
            f"{found.axis} {_percent(found.alone, found.alone_interval)}"
            + ("" if found.total is None else f" ({percent(found.total)} with interactions)")
            for found in self.axes
        ]
        variance = f"Of the variance of {self.target} over {self.num_settings} settings"
        return f"{variance}, each axis explains: {', '.join(parts)}."


def _percent(share: float, interval: Interval | None) -> str:
    """For example `63 % [60, 66]`."""
    if interval is None or interval.lo is None or interval.hi is None:
        return percent(share)
    return f"{percent(share)} [{100 * interval.lo:.0f}, {100 * interval.hi:.0f}]"


def find_importance(
    trials: Sequence[Observation], axes: Sequence[Axis], metric: str, mode: Literal["min", "max"]
) -> tuple[Importance, ...]:
    """Importance for stability and for the objective; a target that does not vary is left out."""
    settings = _settings(trials)
    if len(settings) < 2:
        return ()
    lr = make_axis(LR_PATH, "lr", [{LR_PATH: group[0].lr} for group in settings])
    varying = [axis for axis in (lr, *axes) if len(axis.levels) > 1]
    columns = [_column(axis, settings) for axis in varying]
    stability = [[float(trial.is_stable) for trial in group] for group in settings]
    whole = [index for index, group in enumerate(settings) if not any(trial.is_partial for trial in group)]
    capped = _capped([settings[index] for index in whole], metric, mode)
    found = [_importance("P(stable)", stability, columns)]
    if capped is not None:
        found.append(_importance(metric, capped, [column.of(whole) for column in columns]))
    return tuple(item for item in found if item is not None)


@dataclass(frozen=True)
class _Column:
    """One axis as the level of each setting (N,); settings from level `absent` on do not have the axis."""

    name: str
    index: IntArray
    is_number: bool
    absent: int

    def of(self, settings: Sequence[int]) -> "_Column":
        """The same of some settings."""
        return replace(self, index=self.index[list(settings)])

    @property
    def coarse(self) -> "_Column":
        """Neighbouring numbers as bins of about as many settings each."""
        present = self.index < self.absent
        num_bins = min(max(int(present.sum()) // SETTINGS_IN_A_BIN, FEWEST_BINS), MOST_BINS)
        counts = np.bincount(self.index[present], minlength=self.absent)
        if not self.is_number or np.count_nonzero(counts) <= num_bins:
            return self
        below = np.cumsum(counts) - counts
        bins = np.append(below * num_bins // counts.sum(), num_bins)  # and one for those without the axis
        return replace(self, index=bins[np.minimum(self.index, self.absent)], absent=num_bins)


def _column(axis: Axis, settings: Sequence[Sequence[Observation]]) -> _Column:
    index = np.array([axis.index(group[0].axes | {LR_PATH: group[0].lr}) for group in settings])
    first = axis.levels[0]
    absent = len(axis.levels) - axis.levels[-1].is_absent
    return _Column(axis.label, index, axis.is_binned or is_number(first.value), absent)


def _settings(trials: Sequence[Observation]) -> list[list[Observation]]:
    groups: dict[int, list[Observation]] = {}
    for trial in trials:
        if trial.outcome != "failed":
            groups.setdefault(trial.config_number, []).append(trial)
    return [groups[number] for number in sorted(groups)]


def _capped(settings: list[list[Observation]], metric: str, mode: str) -> list[list[float]] | None:
    """Objectives, with a loss capped at initialisation and what is missing set to the worst."""
    known = [t.objective for group in settings for t in group if t.objective is not None]
    if not known:
        return None
    worst = max(known) if mode == "min" else min(known)
    starts = [t.initial_loss for group in settings for t in group if t.initial_loss is not None]
    if metric.endswith("loss") and starts:
        worst = float(np.median(starts))

    def cap(value: float | None) -> float:
        if value is None:
            return worst
        return min(value, worst) if mode == "min" else value

    return [[cap(trial.objective) for trial in group] for group in settings]


def _importance(target: str, values: list[list[float]], axes: Sequence[_Column]) -> Importance | None:
    means = np.array([np.mean(group) for group in values])
    if not axes or means.var() < 1e-12 * max(float(np.abs(means).max()) ** 2, 1e-300):
        return None
    is_grid = _is_grid([axis.index for axis in axes])
    columns = [(axis if is_grid else axis.coarse).index for axis in axes]
    sizes = [len(np.unique(index)) for index in columns]
    shares = _on_grid(values, means, columns) if is_grid else _scattered(means, columns)
    found = [
        AxisImportance(
            axis=axis.name,
            alone=float(shares.alone[i]),
            alone_interval=_interval(shares.alone[i], shares.alone_error, i),
            total=None if shares.total is None else float(shares.total[i]),
            total_interval=None
            if shares.total is None
            else _interval(shares.total[i], shares.total_error, i),
            num_levels=size,
        )
        for i, (axis, size) in enumerate(zip(axes, sizes, strict=True))
    ]
    found.sort(key=lambda item: (-(item.total if item.total is not None else item.alone), item.axis))
    return Importance(target, "scattered" if shares.total is None else "grid", len(values), tuple(found))


@dataclass(frozen=True)
class _Shares:
    """Shares by axis with their standard errors; `total` only on a grid, errors only where seeds repeat."""

    alone: Array
    alone_error: Array | None
    total: Array | None = None
    total_error: Array | None = None


def _is_grid(columns: Levels) -> bool:
    sizes = [int(index.max()) + 1 for index in columns]
    places = {tuple(row) for row in np.stack(columns, axis=1).tolist()}
    return math.prod(sizes) == len(columns[0]) == len(places)


def _on_grid(values: list[list[float]], means: Array, columns: Levels) -> _Shares:
    alone, total = grid_shares(means[None], columns, seed_noise(values))
    resampled = resample_seeds(values, NUM_RESAMPLES, RESAMPLING_SEED)
    if resampled is None:
        return _Shares(alone[0], None, total[0])
    tables, noise = resampled
    drawn_alone, drawn_total = grid_shares(tables, columns, noise)
    # n seeds drawn again vary less than n new seeds would, by (n - 1) / n.
    fewest = min(len(group) for group in values)
    wider = math.sqrt(fewest / (fewest - 1))
    return _Shares(alone[0], wider * drawn_alone.std(axis=0), total[0], wider * drawn_total.std(axis=0))


def _scattered(means: Array, columns: Levels) -> _Shares:
    drawn = resample_settings(means, columns, NUM_RESAMPLES, RESAMPLING_SEED)
    return _Shares(scattered_shares(means, columns), drawn.std(axis=0))


def _interval(share: float, errors: Array | None, index: int) -> Interval | None:
    """The share ± 1.96 standard errors, within [0, 1]."""
    if errors is None:
        return None
    reach = Z_95 * float(errors[index])
    return Interval(max(float(share) - reach, 0.0), min(float(share) + reach, 1.0))
