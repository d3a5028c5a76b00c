"""Shares of a variance that axes explain, for many tables of the same settings at once."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Levels = Sequence[NDArray[np.int64]]
"""For each axis the level of every setting, (N,) each."""


def grid_shares(means: Array, levels: Levels) -> tuple[Array, Array]:
    """First-order and total indices (B, axes) of B tables of setting means (B, N) on a complete grid."""
    sizes = [int(index.max()) + 1 for index in levels]
    order = np.ravel_multi_index(list(levels), sizes)
    grid = np.empty_like(means)
    grid[:, order] = means
    table = grid.reshape(len(means), *sizes)
    variance = np.maximum(means.var(axis=1), 1e-300)
    dims = range(1, len(sizes) + 1)
    alone = [table.mean(axis=tuple(d for d in dims if d != dim)).var(axis=1) / variance for dim in dims]
    total = [table.var(axis=dim).reshape(len(means), -1).mean(axis=1) / variance for dim in dims]
    return np.stack(alone, axis=1), np.stack(total, axis=1)


def scattered_shares(means: Array, levels: Levels) -> Array:
    """ε² (axes,) of setting means (N,): explained variance, less what chance explains."""
    deviations = means - means.mean()
    whole = max(float((deviations**2).sum()), 1e-300)
    return np.array([_scattered_share(deviations, whole, index) for index in levels])


def _scattered_share(deviations: Array, whole: float, index: NDArray[np.int64]) -> float:
    counts = np.bincount(index)
    sums = np.bincount(index, weights=deviations)[counts > 0]
    counts = counts[counts > 0]
    between = float((sums**2 / counts).sum())
    chance = (len(counts) - 1) * (whole - between) / max(len(deviations) - len(counts), 1)
    return min(max((between - chance) / whole, 0.0), 1.0)


def resample_seeds(values: Sequence[Sequence[float]], num_resamples: int, seed: int) -> Array | None:
    """Tables of setting means (B, N) with seeds drawn again; None when a setting has a single seed."""
    if min(len(group) for group in values) < 2:
        return None
    generator = np.random.default_rng(seed)
    columns = [
        np.asarray(group)[generator.integers(len(group), size=(num_resamples, len(group)))].mean(axis=1)
        for group in values
    ]
    return np.stack(columns, axis=1)


def resample_settings(means: Array, levels: Levels, num_resamples: int, seed: int) -> Array:
    """ε² (B, axes) with the settings drawn again."""
    generator = np.random.default_rng(seed)
    picks = generator.integers(len(means), size=(num_resamples, len(means)))
    return np.stack([scattered_shares(means[pick], [axis[pick] for axis in levels]) for pick in picks])
