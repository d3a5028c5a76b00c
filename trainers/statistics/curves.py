"""Curves: per-step statistics condensed into report windows that keep every spike visible."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainers.rates import Evaluations
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
    ends: NDArray[np.int64],
    rates: Floats,
    evaluations: Sequence[Evaluations],
    layer_names: tuple[str, ...],
    layers: Mapping[str, Floats],
    dtype: type[np.floating[Any]] = np.float32,
    measured: Sequence[Measured | None] = (),
) -> list[Curves]:
    """The curves of K trials that made as many steps; `spiked` (K, n) says where their losses spiked.

    `ends` (R,) are the windows' last steps (`window_ends`), `rates` (K, R) the learning rates there and
    `layers` (K, R, L) each. Evaluations map a step to its metrics; a window shows the latest in it.
    Non-finite steps are left out of means and maxima; a window that has no finite value, or was not
    evaluated, holds NaN. `measured` adds what was measured on a schedule.
    """
    starts = np.concatenate([[0], ends[:-1] + 1]).astype(np.int64)
    common = _window_statistics(series, starts)
    common["spikes"] = np.add.reduceat(spiked.astype(np.float64), starts, axis=1)
    common["lr"] = rates
    metrics, evaluated = _evaluation_curves(evaluations, starts, ends)
    K = len(rates)
    scalars, of_layers = _by_trial(K, common, dtype), _by_trial(K, layers, np.float32)
    for own, known, names in zip(scalars, _by_trial(K, metrics, dtype), evaluated, strict=True):
        own |= {name: curve for name, curve in known.items() if name in names}
    for own, by_layer, measurements in zip(scalars, of_layers, measured, strict=False):
        if measurements is not None:
            of_model, of_each = measurements.curves(ends)
            own |= {name: _cast(curve, dtype) for name, curve in of_model.items()}
            by_layer |= {name: _cast(curve, np.float32) for name, curve in of_each.items()}
    pairs = zip(scalars, of_layers, strict=True)
    return [Curves(ends, own, layer_names, by_layer) for own, by_layer in pairs]


def window_ends(report_steps: NDArray[np.int64], num_steps: int) -> NDArray[np.int64]:
    """The last steps (R,) of the windows of a trial that made `num_steps` steps."""
    ends = report_steps[report_steps < num_steps]
    if not len(ends) or ends[-1] != num_steps - 1:
        ends = np.append(ends, num_steps - 1)
    return ends.astype(np.int64)


def _by_trial(
    num_trials: int, curves: Mapping[str, Floats], dtype: type[np.floating[Any]]
) -> list[dict[str, NDArray[Any]]]:
    """One dict of curves for each of K trials, from curves (K, R, ...)."""
    tables = {name: _cast(table, dtype) for name, table in curves.items()}
    return [{name: table[row] for name, table in tables.items()} for row in range(num_trials)]


def _cast(values: Floats, dtype: type[np.floating[Any]]) -> NDArray[Any]:
    with np.errstate(over="ignore"):
        return values.astype(dtype)


def _window_statistics(series: StepSeries, starts: NDArray[np.int64]) -> dict[str, Floats]:
    means = {curve: window_means(getattr(series, name), starts) for name, curve in MEANS.items()}
    peaks = {curve: window_maxima(getattr(series, name), starts) for name, curve in MAXIMA.items()}
    return {**means, **peaks, "grad_norm_p99": window_p99(series.grad_norm, starts)}


def window_means(table: Floats, starts: NDArray[np.int64]) -> Floats:
    """Mean of the finite values of each window, (C, R) for a table (C, n); NaN where there is none."""
    finite = np.isfinite(table)
    sums = np.add.reduceat(np.where(finite, table, 0.0), starts, axis=1)
    with np.errstate(invalid="ignore"):
        return np.asarray(sums / np.add.reduceat(finite.astype(np.float64), starts, axis=1))


def window_maxima(table: Floats, starts: NDArray[np.int64]) -> Floats:
    """Largest finite value of each window, (C, R) for a table (C, n); NaN where there is none."""
    return np.asarray(np.fmax.reduceat(np.where(np.isfinite(table), table, np.nan), starts, axis=1))


def window_p99(table: Floats, starts: NDArray[np.int64]) -> Floats:
    """The smallest value (C, R) that is no less than 99 % of its window; below 100 steps the maximum."""
    lengths = np.diff(np.append(starts, table.shape[1]))
    places = starts[:, None] + np.arange(lengths.max())  # (R, longest)
    is_inside = np.arange(lengths.max()) < lengths[:, None]
    windows = table[:, np.where(is_inside, places, 0)]  # (C, R, longest)
    windows[~(is_inside & np.isfinite(windows))] = np.inf
    windows.sort(axis=2)
    counts = np.isfinite(windows).sum(axis=2)
    ranks = np.maximum(np.ceil(0.99 * counts).astype(np.int64) - 1, 0)
    found = np.take_along_axis(windows, ranks[:, :, None], axis=2)[:, :, 0]
    return np.where(counts > 0, found, np.nan)


def _evaluation_curves(
    evaluations: Sequence[Evaluations], starts: NDArray[np.int64], ends: NDArray[np.int64]
) -> tuple[dict[str, Floats], list[set[str]]]:
    """Metrics by window (K, R), and which of them each of the K trials has."""
    own = [{"eval_loss"}.union(*of_trial.values()) for of_trial in evaluations]
    curves = {name: np.full((len(own), len(ends)), np.nan) for name in sorted(set().union(*own))}
    for step in sorted(set().union(*evaluations)):
        window = int(np.searchsorted(ends, step))
        if window < len(ends) and starts[window] <= step:
            for row, of_trial in enumerate(evaluations):
                for name, value in of_trial.get(step, {}).items():
                    curves[name][row, window] = value
    return curves, own
