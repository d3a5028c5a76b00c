"""What `passes` does, in NumPy: several passes over memory instead of one."""

import numpy as np
from numpy.typing import NDArray

from trainers.statistics.norms import Rows, exact_norms, row_norms


def measure(
    grads: list[Rows],
    previous: list[Rows],
    copy: Rows | None,
    tensor_norms: NDArray[np.float64],
    rows: NDArray[np.float64],
) -> float:
    """Measure gradients of S tensors, each (K, ...), and copy them to `copy` (K, P) or over `previous`."""
    rows[:] = 0.0
    start = 0
    for tensor, (values, before) in enumerate(zip(grads, previous, strict=True)):
        part, other = (array.reshape(len(rows), -1) for array in (values, before))
        tensor_norms[:, tensor] = row_norms(part)
        sizes = np.maximum(part.max(axis=1, initial=0), -part.min(axis=1, initial=0))
        rows[:, 1] = np.maximum(rows[:, 1], sizes)
        rows[:, 2] += np.count_nonzero(part, axis=1)
        rows[:, 3] += _dots(part, other)
        stop = start + part.shape[1]
        np.copyto(other if copy is None else copy[:, start:stop], part)
        start = stop
    rows[:, 0] = exact_norms(tensor_norms)
    return float(rows[:, 0].max())


def norms(rows: Rows, out: NDArray[np.float64]) -> None:
    """Write the L2 norms of `rows` (K, P) to `out` (K,)."""
    out[:] = row_norms(rows)


def update(
    params: Rows,
    values: Rows,
    factors: Rows | None,
    value_norms: NDArray[np.float64] | None,
    largest: float,
    weight_norms: NDArray[np.float64],
    change_norms: NDArray[np.float64],
    made: NDArray[np.bool_],
) -> bool:
    """Add `values` (K, P) times `factors` (K, 1) to the rows of `params` where norms are below `largest`."""
    change_norms[:] = row_norms(values) if value_norms is None else value_norms
    if factors is not None:
        change_norms *= np.abs(factors[:, 0])
    made[:] = (weight_norms < largest) & (change_norms < largest)
    if not made.all():
        params[made] += values[made] if factors is None else values[made] * factors[made]
        weight_norms[made] = row_norms(params[made])
        return False
    np.add(params, values if factors is None else values * factors, out=params)
    weight_norms[:] = row_norms(params)
    return True


def _dots(rows: Rows, others: Rows) -> NDArray[np.float64]:
    """Inner products (R,) of `rows` and `others` (R, P), in float64 where float32 overflows."""
    found = np.vecdot(rows, others)
    if np.isfinite(found).all():
        return np.asarray(found, np.float64)
    return np.asarray(np.vecdot(rows.astype(np.float64), others.astype(np.float64)))
