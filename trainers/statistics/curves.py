"""Curves: per-step statistics condensed into report windows that keep every spike visible."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainers.record import Curves
from trainers.statistics.scheduled import Measured
from trainers.statistics.series import StepSeries

Floats = NDArray[np.float64]

MEANS = {
    "loss": "train_loss",
    "grad_norm": "grad_norm",
    "grad_norm_after": "grad_norm_after",
    "clipped": "clip_fraction",
    "clip_coefficient": "clip_coefficient",
    "update_ratio": "update_ratio",
    "weight_norm": "weight_norm",
    "grad_cosine": "grad_cosine",
    "zero_fraction": "zero_fraction",
}
"""Statistics that a window averages, and the name of the curve."""
MAXIMA = {"loss": "train_loss_max", "grad_norm": "grad_norm_max", "max_abs_grad": "max_abs_grad"}
"""Statistics of which a window keeps the largest."""


def make_curves(
    series: StepSeries,
    spiked: NDArray[np.bool_],
    report_steps: NDArray[np.int64],
    lr: Callable[[int], float],
    evaluations: Mapping[int, Mapping[str, float]],
    layer_names: tuple[str, ...],
    layers: Mapping[str, Floats],
    dtype: type[np.floating[Any]] = np.float32,
    measured: Measured | None = None,
) -> Curves:
    """The curves of a trial that made `series.num_steps` steps; `spiked` (n,) says where the loss spiked.

    `evaluations` maps a step to its metrics; a window shows the latest in it. Non-finite steps are left out
    of means and maxima; a window that has no finite value, or was not evaluated, holds NaN. `measured` adds
    what was measured on a schedule.
    """
    ends = _ends(report_steps, series.num_steps)
    starts = np.concatenate([[0], ends[:-1] + 1]).astype(np.int64)
    scalars = _window_statistics(series, starts)
    scalars["spikes"] = np.add.reduceat(spiked.astype(np.float64), starts)
    scalars["lr"] = np.array([lr(int(end)) for end in ends])
    scalars |= _evaluation_curves(evaluations, starts, ends)
    if measured is not None:
        of_model, of_layers = measured.curves(ends)
        scalars, layers = scalars | of_model, {**layers, **of_layers}
    with np.errstate(over="ignore"):
        return Curves(
            steps=ends,
            scalars={name: values.astype(dtype) for name, values in scalars.items()},
            layer_names=layer_names,
            layers={name: values[: len(ends)].astype(np.float32) for name, values in layers.items()},
        )


def _ends(report_steps: NDArray[np.int64], num_steps: int) -> NDArray[np.int64]:
    ends = report_steps[report_steps < num_steps]
    if not len(ends) or ends[-1] != num_steps - 1:
        ends = np.append(ends, num_steps - 1)
    return ends.astype(np.int64)


def _window_statistics(series: StepSeries, starts: NDArray[np.int64]) -> dict[str, Floats]:
    table = np.stack([getattr(series, name) for name in MEANS])
    means = dict(zip(MEANS.values(), window_means(table, starts), strict=True))
    peaks = window_maxima(np.stack([getattr(series, name) for name in MAXIMA]), starts)
    return {
        **means,
        **dict(zip(MAXIMA.values(), peaks, strict=True)),
        "grad_norm_p99": window_p99(series.grad_norm, starts),
    }


def window_means(table: Floats, starts: NDArray[np.int64]) -> Floats:
    """Mean of the finite values of each window, (C, R) for a table (C, n); NaN where there is none."""
    finite = np.isfinite(table)
    sums = np.add.reduceat(np.where(finite, table, 0.0), starts, axis=1)
    with np.errstate(invalid="ignore"):
        return np.asarray(sums / np.add.reduceat(finite.astype(np.float64), starts, axis=1))


def window_maxima(table: Floats, starts: NDArray[np.int64]) -> Floats:
    """Largest finite value of each window, (C, R) for a table (C, n); NaN where there is none."""
    return np.asarray(np.fmax.reduceat(np.where(np.isfinite(table), table, np.nan), starts, axis=1))


def window_p99(values: Floats, starts: NDArray[np.int64]) -> Floats:
    """The smallest value (R,) that is no less than 99 % of its window; below 100 steps the maximum."""
    stops = np.append(starts[1:], len(values))
    padded = np.full((len(starts), int((stops - starts).max())), np.inf)
    for row, start, stop in zip(padded, starts, stops, strict=True):
        row[: stop - start] = values[start:stop]
    padded[~np.isfinite(padded)] = np.inf
    padded.sort(axis=1)
    counts = np.isfinite(padded).sum(axis=1)
    ranks = np.maximum(np.ceil(0.99 * counts).astype(np.int64) - 1, 0)
    return np.where(counts > 0, padded[np.arange(len(starts)), ranks], np.nan)


def _evaluation_curves(
    evaluations: Mapping[int, Mapping[str, float]], starts: NDArray[np.int64], ends: NDArray[np.int64]
) -> dict[str, Floats]:
    names = sorted({name for metrics in evaluations.values() for name in metrics} | {"eval_loss"})
    curves = {name: np.full(len(ends), np.nan) for name in names}
    for step, metrics in sorted(evaluations.items()):
        window = int(np.searchsorted(ends, step))
        if window < len(ends) and starts[window] <= step:
            for name, value in metrics.items():
                curves[name][window] = value
    return curves
