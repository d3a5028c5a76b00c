"""The spike score: how often a series jumps away from where it has been."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

WINDOW = 1000
"""Steps that the rolling mean and deviation look back on."""
THRESHOLD = 7.0
"""Deviations from the rolling mean that make a value a spike."""
ROUNDING = 1e-6
"""Changes below this share of the mean are float32 rounding, whatever the deviation."""
MIN_WINDOW = 16
"""Fewer values say nothing about a deviation."""


def spike_window(num_values: int) -> int:
    """The look-back for a series of `num_values`: 1,000 steps, or a quarter of a short run.

    >>> spike_window(6000), spike_window(200), spike_window(10)
    (1000, 50, 16)
    """
    return int(np.clip(num_values // 4, MIN_WINDOW, WINDOW))


def spikes(
    values: NDArray[Any], window: int | None = None, *, upward_only: bool = False
) -> NDArray[np.bool_]:
    """Where (n,) `values` (n,) stand 7 deviations or more off the mean of the `window` values before them.

    `upward_only` leaves out falls: a loss that drops off a plateau is progress. The first `window` values
    cannot be spikes. NaN and infinite values are spikes wherever they are, and are left out of means and
    deviations. A constant past makes every change a spike beyond rounding. Source: the spike score of OLMo
    2, arXiv 2501.00656.
    """
    series = np.asarray(values, dtype=np.float64)
    window = spike_window(len(series)) if window is None else window
    found = ~np.isfinite(series)
    if len(series) <= window:
        return found
    means, deviations = _rolling(series, window)
    later = series[window:]
    with np.errstate(invalid="ignore"):
        distance = later - means if upward_only else np.abs(later - means)
        far = distance >= THRESHOLD * deviations
        beyond_rounding = distance > ROUNDING * np.abs(means)
    found[window:] |= far & beyond_rounding & (deviations >= 0)
    return found


def spike_score(values: NDArray[Any], window: int | None = None) -> float:
    """The share of `values` (n,) that are spikes, in percent; 0 for an empty series.

    >>> spike_score(np.ones(100))
    0.0
    """
    return 100.0 * float(spikes(values, window).mean()) if len(values) else 0.0


def _rolling(series: NDArray[np.float64], window: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Mean and deviation of the `window` values before each later value: two passes, finite values only."""
    past = np.lib.stride_tricks.sliding_window_view(series, window)[:-1]
    means, deviations = np.empty(len(past)), np.empty(len(past))
    for start in range(0, len(past), 1024):
        block = past[start : start + 1024]
        finite = np.isfinite(block)
        counts = finite.sum(axis=1)
        with np.errstate(all="ignore"):
            mean = np.where(finite, block, 0.0).sum(axis=1) / counts
            spread = np.where(finite, block - mean[:, None], 0.0)
            deviations[start : start + 1024] = np.sqrt(np.square(spread).sum(axis=1) / counts)
        means[start : start + 1024] = mean
    return means, deviations


def rolling_means(values: NDArray[Any], window: int) -> NDArray[np.float64]:
    """Means of every `window` successive values of (n,) `values`, (n - window + 1,)."""
    totals = np.concatenate([[0.0], np.cumsum(np.asarray(values, dtype=np.float64))])
    return np.asarray((totals[window:] - totals[:-window]) / window)
