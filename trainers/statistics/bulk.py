"""Measurements of many rows at once, each in few passes of NumPy."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trainers.layout import ParameterLayout
from trainers.statistics.norms import SMALLEST_TRUSTED_SQUARE, Rows, norms_from_squares

Matrix = NDArray[np.float64]


@dataclass(frozen=True)
class Bulk:
    """Measurements of n gradients of K members, each (n, K); `tensor_norms` is (n, K, S)."""

    tensor_norms: Matrix
    max_abs: Matrix
    num_nonzero: NDArray[np.int64]
    dot: Matrix

    @classmethod
    def zeros(cls, n: int, K: int, S: int) -> "Bulk":
        """Room for measurements that add up."""
        counts = np.zeros((n, K), np.int64)
        return cls(np.zeros((n, K, S)), np.zeros((n, K)), counts, np.zeros((n, K)))


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
    """Inner products (R,) of `rows` and `others` (R, P), in float64 where float32 overflows.

    Products that underflow count as zero: the cosine of gradients below 1e-19 is zero.
    """
    found = np.vecdot(rows, others)
    if np.isfinite(found).all():
        return np.asarray(found, np.float64)
    return np.asarray(np.vecdot(rows.astype(np.float64), others.astype(np.float64)))
