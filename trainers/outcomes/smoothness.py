"""How straight a loss went down."""

import numpy as np
from numpy.typing import NDArray

NUM_BLOCKS = 32
"""Means over this many parts of the run show its course without its batches' noise."""
FLAT = 0.01
"""A run that moved its loss by less than 1 % of the start counts as having moved it by this much."""


def smoothness(loss: NDArray[np.float64]) -> NDArray[np.float64]:
    """d / (d + r) of each loss (..., n), 0 when a value is not finite.

    d is how far it fell from its start to its lowest block mean, r the sum of all rises between successive
    block means.

    >>> smoothness(np.array([[4.0, 3.0, 2.0, 1.0], [4.0, 1.0, 4.0, 4.0]])).tolist()
    [1.0, 0.5]
    """
    n = loss.shape[-1]
    starts = np.unique(np.linspace(0, n, min(NUM_BLOCKS, n), endpoint=False).astype(int))
    with np.errstate(all="ignore"):
        blocks = np.add.reduceat(loss, starts, axis=-1) / np.diff(np.append(starts, n))
        rises = np.maximum(np.diff(blocks, axis=-1), 0.0).sum(axis=-1)
        first = blocks[..., 0]
        depth = np.maximum(first - blocks.min(axis=-1), FLAT * np.abs(first))
        share = np.where(depth > 0, depth / (depth + rises), 1.0)
    return np.where(np.isfinite(loss).all(axis=-1), share, 0.0)
