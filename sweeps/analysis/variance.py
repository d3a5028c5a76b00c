"""Shares of a variance that axes explain, for many tables of the same settings at once."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Levels = Sequence[NDArray[np.int64]]
"""For each axis the level of every setting, (N,) each."""


def grid_shares(means: Array, levels: Levels, noise: Array | float = 0.0) -> tuple[Array, Array]:
    """First-order and total indices (B, axes) of B tables of setting means (B, N) on a complete grid.

    `noise` (B,) is the variance that seeds give a setting's mean: what it adds to each variance is taken
    off, since it would pass for interactions of all axes with each other.
    """
    num = means.shape[1]
    sizes = [int(index.max()) + 1 for index in levels]
    grid = np.empty_like(means)
    grid[:, np.ravel_multi_index(list(levels), sizes)] = means
    table = grid.reshape(len(means), *sizes)
    whole = means.var(axis=1) - noise * (num - 1) / num
    dims = range(1, len(sizes) + 1)
    alone, total = [], []
    for dim, size in zip(dims, sizes, strict=True):
        marginal = table.mean(axis=tuple(other for other in dims if other != dim))
        alone.append(_share(marginal.var(axis=1) - noise * (size - 1) / num, whole))
        along = table.var(axis=dim).reshape(len(means), -1).mean(axis=1)
        total.append(_share(along - noise * (size - 1) / size, whole))
    return np.stack(alone, axis=1), np.stack(total, axis=1)


def _share(part: Array, whole: Array) -> Array:
    """Between 0 and 1; 0 where nothing is left to explain."""
    return np.clip(np.divide(part, whole, out=np.zeros_like(part), where=whole > 0), 0.0, 1.0)


def seed_noise(values: Sequence[Sequence[float]]) -> float:
    """The variance that seeds give a setting's mean, on average over the settings; 0 with one seed."""
    if min(len(group) for group in values) < 2:
        return 0.0
    return float(np.mean([np.var(group, ddof=1) / len(group) for group in values]))


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


def resample_seeds(
    values: Sequence[Sequence[float]], num_resamples: int, seed: int
) -> tuple[Array, Array] | None:
    """Tables of setting means (B, N) with seeds drawn again, and their noise (B,); None with one seed."""
    if min(len(group) for group in values) < 2:
        return None
    generator = np.random.default_rng(seed)
    drawn = [
        np.asarray(group)[generator.integers(len(group), size=(num_resamples, len(group)))]
        for group in values
    ]
    noise = np.mean([found.var(axis=1, ddof=1) / found.shape[1] for found in drawn], axis=0)
    return np.stack([found.mean(axis=1) for found in drawn], axis=1), noise


def resample_settings(means: Array, levels: Levels, num_resamples: int, seed: int) -> Array:
    """ε² (B, axes) with the settings drawn again."""
    generator = np.random.default_rng(seed)
    picks = generator.integers(len(means), size=(num_resamples, len(means)))
    return np.stack([scattered_shares(means[pick], [axis[pick] for axis in levels]) for pick in picks])
