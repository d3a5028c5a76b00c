"""What `passes` does, in NumPy: several passes over memory instead of one."""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from trainers.statistics.norms import Rows, exact_norms, row_norms


def measure(
    grads: Rows,
    previous: Rows,
    bounds: NDArray[np.int64],
    tensor_norms: NDArray[np.float64],
    rows: NDArray[np.float64],
) -> float:
    """Measure gradients (K, P), and leave a copy of them in `previous` (K, P)."""
    for tensor, (start, stop) in enumerate(pairwise(bounds)):
        tensor_norms[:, tensor] = row_norms(grads[:, start:stop])
    rows[:, 0] = exact_norms(tensor_norms)
    rows[:, 1] = np.maximum(grads.max(axis=1), -grads.min(axis=1))
    rows[:, 2] = np.count_nonzero(grads, axis=1)
    rows[:, 3] = _dots(grads, previous)
    np.copyto(previous, grads)
    return float(rows[:, 0].max())


def norms(rows: Rows, out: NDArray[np.float64]) -> None:
    """Write the L2 norms of `rows` (K, P) to `out` (K,)."""
    out[:] = row_norms(rows)


def update(
    params: Rows,
    delta: Rows,
    largest: float,
    weight_norms: NDArray[np.float64],
    change_norms: NDArray[np.float64],
    made: NDArray[np.bool_],
) -> bool:
    """Add `delta` (K, P) to the rows of `params` (K, P) where both norms are below `largest`."""
    change_norms[:] = row_norms(delta)
    made[:] = (weight_norms < largest) & (change_norms < largest)
    if not made.all():
        params[made] += delta[made]
        weight_norms[made] = row_norms(params[made])
        return False
    np.add(params, delta, out=params)
    weight_norms[:] = row_norms(params)
    return True


def _dots(rows: Rows, others: Rows) -> NDArray[np.float64]:
    """Inner products (R,) of `rows` and `others` (R, P), in float64 where float32 overflows."""
    found = np.vecdot(rows, others)
    if np.isfinite(found).all():
        return np.asarray(found, np.float64)
    return np.asarray(np.vecdot(rows.astype(np.float64), others.astype(np.float64)))
