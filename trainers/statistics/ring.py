"""The last few gradients of a small stack, so that what nobody waits for is measured in bulk.

A NumPy call costs a few microseconds beside a training step, whatever it computes. For small rows that is
more than the arithmetic, so the statistics that only end up in curves are taken of several steps at once.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trainers.layout import ParameterLayout
from trainers.statistics.norms import SMALLEST_TRUSTED_SQUARE, Rows, norms_from_squares

Matrix = NDArray[np.float64]

RING_BYTES = 1 << 19
"""What the ring may hold: a quarter of a usual core's second-level cache, beside parameters and gradients."""
MAX_LENGTH = 16


@dataclass(frozen=True)
class Bulk:
    """Measurements of n gradients of K members, each (n, K); `tensor_norms` (n, K, S) only if asked for."""

    tensor_norms: Matrix | None
    max_abs: Matrix
    num_nonzero: NDArray[np.int64]
    dot: Matrix


class GradientRing:
    """Room for `length` gradients (K, P) and the one before them."""

    def __init__(self, layout: ParameterLayout, previous: Rows) -> None:
        self.length = max(1, min(MAX_LENGTH, RING_BYTES // max(1, previous.nbytes)))
        self._layout = layout
        self._slots = np.empty((self.length + 1, *previous.shape), previous.dtype)
        self._slots[0] = previous
        self._nonzero = np.empty((self.length * previous.shape[0], previous.shape[1]), np.bool_)
        self._filled = 0

    @property
    def previous(self) -> Rows:
        """The gradient (K, P) before the first one that waits to be measured."""
        first: Rows = self._slots[0]
        return first

    @property
    def latest(self) -> Rows:
        """The gradient (K, P) that was put in last."""
        last: Rows = self._slots[self._filled]
        return last

    @property
    def is_full(self) -> bool:
        """Whether `measure` must be called before the next `put`."""
        return self._filled == self.length

    def put(self, grads: Rows) -> None:
        """Copy a gradient (K, P) in: whoever comes next may overwrite it."""
        self._filled += 1
        np.copyto(self._slots[self._filled], grads)

    def measure(self, *, with_tensors: bool) -> Bulk:
        """Measure what was put in since the last call, and make room."""
        n, (K, P) = self._filled, self._slots.shape[1:]
        block = self._slots[1 : n + 1].reshape(n * K, P)
        before = self._slots[:n].reshape(n * K, P)
        found = Bulk(
            tensor_norms=tensor_norms(self._layout, block).reshape(n, K, -1) if with_tensors else None,
            max_abs=max_abs(block).reshape(n, K),
            num_nonzero=count_nonzero(block, self._nonzero[: n * K]).reshape(n, K),
            dot=dots(block, before).reshape(n, K),
        )
        if self.length == 1:
            self._slots = self._slots[::-1]
        else:
            np.copyto(self._slots[0], self._slots[n])
        self._filled = 0
        return found


def tensor_norms(layout: ParameterLayout, rows: Rows) -> Matrix:
    """L2 norm (R, S) of each tensor in `rows` (R, P), right for every finite row."""
    squares = np.empty((len(layout.bounds), len(rows)), rows.dtype)
    for index, (start, stop) in enumerate(layout.bounds):
        segment = rows[:, start:stop]
        np.vecdot(segment, segment, out=squares[index])
    # One test for the usual case; a tensor of zeros, or an overflow, takes the careful way.
    if squares.min() > SMALLEST_TRUSTED_SQUARE[rows.dtype] and np.isfinite(squares.sum(dtype=np.float64)):
        return np.asarray(np.sqrt(squares.T, dtype=np.float64))
    found = np.empty((len(rows), len(layout.bounds)))
    for index, (start, stop) in enumerate(layout.bounds):
        found[:, index] = norms_from_squares(rows[:, start:stop], squares[index])
    return found


def max_abs(rows: Rows) -> Rows:
    """Largest size (R,) of an entry of each of `rows` (R, P); NaN where there is one."""
    found: Rows = np.maximum(np.maximum.reduce(rows, axis=1), -np.minimum.reduce(rows, axis=1))
    return found


def count_nonzero(rows: Rows, scratch: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Number (R,) of entries other than zero, NaN included; `scratch` (R, P) is overwritten."""
    np.not_equal(rows, 0, out=scratch)
    return np.array([np.count_nonzero(row) for row in scratch], np.int64)


def dots(rows: Rows, others: Rows) -> Matrix:
    """Inner products (R,) of `rows` and `others` (R, P), in float64 where float32 overflows or underflows."""
    found = np.vecdot(rows, others)
    size = np.abs(found)
    trusted = SMALLEST_TRUSTED_SQUARE[rows.dtype]
    if size.max() < np.inf and size.min() > trusted:
        return np.asarray(found, np.float64)
    return np.asarray(np.vecdot(rows.astype(np.float64), others.astype(np.float64)))
