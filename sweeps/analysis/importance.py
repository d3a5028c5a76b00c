"""Which axis matters: shares of the variance over settings that each axis explains."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from sweeps.analysis.intervals import Z_95, Interval
from sweeps.analysis.levels import Axis, make_axis
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
    shares corrected for chance (ε²) and intervals over settings.
    """

    target: str
    design: Literal["grid", "scattered"]
    num_settings: int
    axes: tuple[AxisImportance, ...]

    def text(self) -> str:
        """One sentence naming the axes in order, with intervals."""
        parts = [
            f"{found.axis} {_percent(found.alone, found.alone_interval)}"
            + ("" if found.total is None else f" ({found.total:.0%} with interactions)")
            for found in self.axes
        ]
        variance = f"Of the variance of {self.target} over {self.num_settings} settings"
        return f"{variance}, each axis explains: {', '.join(parts)}."


def _percent(share: float, interval: Interval | None) -> str:
    """For example `63% [60, 66]`."""
    if interval is None or interval.lo is None or interval.hi is None:
        return f"{share:.0%}"
    return f"{share:.0%} [{100 * interval.lo:.0f}, {100 * interval.hi:.0f}]"


def find_importance(
    trials: Sequence[Observation], axes: Sequence[Axis], metric: str, mode: Literal["min", "max"]
) -> tuple[Importance, ...]:
    """Importance for stability and for the objective; a target that does not vary is left out."""
    settings = _settings(trials)
    if len(settings) < 2:
        return ()
    lr = make_axis(LR_PATH, "lr", [{LR_PATH: group[0].lr} for group in settings])
    varying = [axis for axis in (lr, *axes) if len(axis.levels) > 1]
    levels = {
        axis.label: np.array([axis.index(group[0].axes | {LR_PATH: group[0].lr}) for group in settings])
        for axis in varying
    }
    stability = [[float(trial.is_stable) for trial in group] for group in settings]
    whole = [index for index, group in enumerate(settings) if not any(trial.is_partial for trial in group)]
    capped = _capped([settings[index] for index in whole], metric, mode)
    found = [_importance("P(stable)", stability, levels)]
    if capped is not None:
        found.append(_importance(metric, capped, {name: index[whole] for name, index in levels.items()}))
    return tuple(item for item in found if item is not None)


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


def _importance(target: str, values: list[list[float]], levels: dict[str, IntArray]) -> Importance | None:
    means = np.array([np.mean(group) for group in values])
    if not levels or means.var() < 1e-12 * max(float(np.abs(means).max()) ** 2, 1e-300):
        return None
    columns = list(levels.values())
    sizes = [int(index.max()) + 1 for index in columns]
    shares = _on_grid(values, means, columns) if _is_grid(columns, sizes) else _scattered(means, columns)
    found = [
        AxisImportance(
            axis=name,
            alone=float(shares.alone[i]),
            alone_interval=_interval(shares.alone[i], shares.alone_error, i),
            total=None if shares.total is None else float(shares.total[i]),
            total_interval=None
            if shares.total is None
            else _interval(shares.total[i], shares.total_error, i),
            num_levels=size,
        )
        for i, (name, size) in enumerate(zip(levels, sizes, strict=True))
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


def _is_grid(columns: Levels, sizes: Sequence[int]) -> bool:
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
