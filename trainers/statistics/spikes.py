"""The spike score: how often a series jumps away from where it has been."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

WINDOW = 1000
"""Steps that the rolling mean and deviation look back on."""
THRESHOLD = 7.0
"""Deviations from the rolling mean that make a value a spike."""
ROUNDING = 1e-6
"""Changes below this share of the mean are float32 rounding, whatever the deviation."""
MIN_WINDOW = 16
"""Fewer values say nothing about a deviation."""
BLOCK = 1024
"""Windows that are looked at together: bounds the memory of it to some 10 MB."""


@dataclass(frozen=True)
class Spikes:
    """Where (..., n) series jumped up, and where they fell. What is not finite does both."""

    up: Bools
    down: Bools

    @property
    def score(self) -> Floats:
        """The share of values that are spikes, up or down, in percent (...,)."""
        return np.asarray(100.0 * (self.up | self.down).mean(axis=-1))


def spike_window(num_values: int) -> int:
    """The look-back for a series of `num_values`: 1,000 steps, or a quarter of a short run.

    >>> spike_window(6000), spike_window(200), spike_window(10)
    (1000, 50, 16)
    """
    return int(np.clip(num_values // 4, MIN_WINDOW, WINDOW))


def find_spikes(values: NDArray[Any], window: int | None = None) -> Spikes:
    """Where `values` (..., n) stand 7 deviations or more off the mean of the `window` values before them.

    The first `window` values cannot be spikes. NaN and infinite values are spikes wherever they are, and are
    left out of means and deviations. A constant past makes every change a spike beyond rounding. Source: the
    spike score of OLMo 2, arXiv 2501.00656.
    """
    series = np.ascontiguousarray(values, dtype=np.float64)
    num_values = series.shape[-1]
    window = spike_window(num_values) if window is None else window
    up = ~np.isfinite(series)
    down = up.copy()
    if num_values > window:
        rows = series.reshape(-1, num_values)
        with np.errstate(all="ignore"):
            places, steps = np.nonzero(_may_be_spikes(rows, window))
            rises = _rises(rows, window, places, steps)
        up.reshape(rows.shape)[places, steps + window] |= rises > 0
        down.reshape(rows.shape)[places, steps + window] |= rises < 0
    return Spikes(up, down)


def spikes(values: NDArray[Any], window: int | None = None, *, upward_only: bool = False) -> Bools:
    """Where (..., n) `values` are spikes, see `find_spikes`.

    `upward_only` leaves out falls: a loss that drops off a plateau is progress.
    """
    found = find_spikes(values, window)
    return found.up if upward_only else found.up | found.down


def spike_score(values: NDArray[Any], window: int | None = None) -> float:
    """The share of `values` (n,) that are spikes, in percent; 0 for an empty series.

    >>> spike_score(np.ones(100))
    0.0
    """
    return float(find_spikes(values, window).score) if len(values) else 0.0


def _may_be_spikes(rows: Floats, window: int) -> Bools:
    """Which of the values (R, n - window) after the first window cannot be told to be no spikes at a glance.

    Running totals give every window's mean and deviation at once, but only as well as they are rounded; so
    half of what a spike needs is enough here, and twice what rounding can do is allowed for. NaN passes.
    """
    finite = np.isfinite(rows)
    centre = np.where(finite, rows, 0.0)[:, -1:]
    centred = np.where(finite, rows - centre, 0.0)
    counts, sums = _window_sums(finite, window), _window_sums(centred, window)
    squares = _window_sums(np.square(centred), window)
    means = sums / counts
    rounding = 16 * rows.shape[1] * np.finfo(np.float64).eps * np.square(centred).sum(axis=1) / window
    variances = squares / counts - np.square(means) - rounding[:, None]
    distances = np.square(centred[:, window:] - means)
    is_near = distances < (THRESHOLD / 2) ** 2 * variances
    is_rounding = distances + rounding[:, None] < np.square(ROUNDING / 2 * (means + centre))
    return np.asarray(~is_near & ~is_rounding)


def _window_sums(values: NDArray[Any], window: int) -> Floats:
    """Sums of the `window` values before each later one, (R, n - window)."""
    totals = np.cumsum(values, axis=1, dtype=np.float64)
    totals[:, window:] -= totals[:, :-window].copy()
    return totals[:, window - 1 : -1]


def _rises(rows: Floats, window: int, places: NDArray[np.int64], steps: NDArray[np.int64]) -> Floats:
    """+1 for each spike up (C,), -1 down, 0 for none; value `window + steps` of row `places`."""
    past = np.lib.stride_tricks.sliding_window_view(rows, window, axis=1)
    signs = np.zeros(len(places))
    for start in range(0, len(places), BLOCK):
        block = slice(start, start + BLOCK)
        of_rows, at = places[block], steps[block]
        means, deviations = _moments(past[of_rows, at])
        rises = rows[of_rows, at + window] - means
        distance = np.abs(rises)
        is_spike = (distance >= THRESHOLD * deviations) & (distance > ROUNDING * np.abs(means))
        signs[block] = np.where(is_spike & (deviations >= 0), np.sign(rises), 0.0)
    return signs


def _moments(windows: Floats) -> tuple[Floats, Floats]:
    """Mean and deviation (C,) of each of the `windows` (C, w): two passes, finite values only."""
    finite = np.isfinite(windows)
    counts = finite.sum(axis=1)
    means = np.where(finite, windows, 0.0).sum(axis=1) / counts
    spread = np.where(finite, windows - means[:, None], 0.0)
    return means, np.sqrt(np.square(spread).sum(axis=1) / counts)


def rolling_means(values: NDArray[Any], window: int) -> Floats:
    """Means of every `window` successive values of (..., n) `values`, (..., n - window + 1)."""
    totals = np.cumsum(np.asarray(values, dtype=np.float64), axis=-1)
    totals = np.concatenate([np.zeros((*totals.shape[:-1], 1)), totals], axis=-1)
    return np.asarray((totals[..., window:] - totals[..., :-window]) / window)
