"""Passes over memory that measure a training step: compiled where a compiler was found, else in NumPy.

A step's statistics are little arithmetic on many numbers, so what costs is fetching them: compiled, all
that is measured of a gradient is one pass (`passes.c`); in NumPy it is nine (`numpy_passes.py`).
"""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from trainers.statistics import numpy_passes
from trainers.statistics.norms import Rows

try:
    from trainers.statistics import _passes
except ImportError:
    _passes = None  # type: ignore[assignment]

NUM_MEASUREMENTS = 4
NORM, MAX_ABS, NUM_NONZERO, DOT = range(NUM_MEASUREMENTS)
"""Columns of what `measure` finds of each row."""

Matrix = NDArray[np.float64]


class Passes(Protocol):
    """Measurements of rows. Each row is contiguous; what does not fit raises `TypeError` or `ValueError`.

    Norms are L2 norms, right for every finite row; NaN or infinity give NaN or infinity.
    """

    def measure(
        self,
        grads: list[Rows],
        previous: list[Rows],
        copy: Rows | None,
        tensor_norms: Matrix,
        rows: Matrix,
        /,
    ) -> float:
        """Measure gradients of S tensors, each (K, ...), and the `previous` ones. The largest norm, or NaN.

        They are copied side by side to `copy` (K, P), or over `previous` where that is None. Written are the
        `tensor_norms` (K, S) and for each of the `rows` (K, 4) its norm, its largest size of an entry, its
        number of entries other than zero, and its inner product with the previous row.
        """

    def norms(self, rows: Rows, out: Matrix, /) -> None:
        """Write the norms of `rows` (K, P) to `out` (K,)."""

    def update(
        self,
        params: Rows,
        values: Rows,
        factors: Rows | None,
        value_norms: Matrix | None,
        largest: float,
        weight_norms: Matrix,
        change_norms: Matrix,
        made: NDArray[np.bool_],
        /,
    ) -> bool:
        """Add `values` (K, P) times `factors` (K, 1), or 1, to the rows of `params` (K, P).

        Where a row's own norm and that of its change are below `largest`. `value_norms` (K,) are those of the
        `values`, or None where they are not known. `weight_norms` (K,) are those of `params`, before and
        after; `change_norms` (K,), those of the change, are written for all rows, and so is which updates
        were `made` (K,). Whether all of them were.
        """


PASSES: Passes = numpy_passes if _passes is None else _passes
IS_COMPILED = _passes is not None
