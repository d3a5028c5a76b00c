"""Gradients of a large stack, measured in one pass over memory, one cache-sized block at a time.

A pass over 100,000 numbers that are not in the cache costs more than the arithmetic done on them, and what is
measured at every step would be nine passes.
"""

from dataclasses import dataclass

import numpy as np

from trainers.layout import ParameterLayout
from trainers.statistics.bulk import Bulk, Matrix, count_nonzero, dots, max_abs
from trainers.statistics.norms import SMALLEST_TRUSTED_SQUARE, Rows, norms_from_squares

BLOCK_BYTES = 1 << 19
"""A quarter of a usual core's second-level cache: the block, the one before it, and room for the rest."""


@dataclass(frozen=True)
class Columns:
    """Columns `start` to `stop` of the flat gradient, and where tensors lie inside: (tensor, first, last)."""

    start: int
    stop: int
    segments: tuple[tuple[int, int, int], ...]


class GradientBlocks:
    """Measures each gradient (K, P) when it comes, and keeps a copy for the next one's cosine."""

    is_full = True

    def __init__(self, layout: ParameterLayout, previous: Rows) -> None:
        self._layout = layout
        self.previous = previous.copy()
        K, P = previous.shape
        values = BLOCK_BYTES // previous.itemsize
        self._rows_per_block = max(1, min(K, values // P))
        self._columns = split_columns(layout, values)
        width = max(columns.stop - columns.start for columns in self._columns)
        self._scratch = np.empty((self._rows_per_block, width), np.bool_)
        self._found = Bulk.zeros(1, K, len(layout.specs))

    @property
    def latest(self) -> Rows:
        """The gradient (K, P) that was put in last."""
        return self.previous

    def put(self, grads: Rows) -> Rows:
        """Measure a gradient (K, P) and copy it. Its sums of squares (K,)."""
        K = len(grads)
        squares = np.zeros((len(self._layout.specs), K))
        self._found = Bulk.zeros(1, K, len(squares))
        for first in range(0, K, self._rows_per_block):
            rows = slice(first, min(K, first + self._rows_per_block))
            for columns in self._columns:
                self._measure_block(grads, rows, columns, squares)
        norms = self._found.tensor_norms[0]
        np.sqrt(squares.T, out=norms)
        # One test for the usual case; a tensor of zeros, or an overflow, takes the careful way.
        if not (squares.min() > SMALLEST_TRUSTED_SQUARE[grads.dtype] and np.isfinite(squares.sum())):
            for tensor, (start, stop) in enumerate(self._layout.bounds):
                sums = squares[tensor].astype(grads.dtype)
                norms[:, tensor] = norms_from_squares(grads[:, start:stop], sums)
        return np.asarray(np.vecdot(norms, norms), grads.dtype)

    def tensor_norms(self) -> Matrix:
        """Norms of the tensors (K, S) of the gradient that was put in last."""
        norms: Matrix = self._found.tensor_norms[0]
        return norms

    def max_abs(self) -> Rows:
        """Its largest entries (K,), in the gradient's dtype."""
        return np.asarray(self._found.max_abs[0], self.previous.dtype)

    def measure(self) -> Bulk:
        """What was measured when the last gradient was put in."""
        return self._found

    def _measure_block(self, grads: Rows, rows: slice, columns: Columns, squares: Matrix) -> None:
        found = self._found
        block = grads[rows, columns.start : columns.stop]
        before = self.previous[rows, columns.start : columns.stop]
        for tensor, first, last in columns.segments:
            segment = block[:, first:last]
            squares[tensor, rows] += np.vecdot(segment, segment)
        found.dot[0, rows] += dots(block, before)
        found.max_abs[0, rows] = np.maximum(found.max_abs[0, rows], max_abs(block))
        scratch = self._scratch[: block.shape[0], : block.shape[1]]
        found.num_nonzero[0, rows] += count_nonzero(block, scratch)
        np.copyto(before, block)


def split_columns(layout: ParameterLayout, num_values: int) -> list[Columns]:
    """Ranges of at most `num_values` columns that cover the layout, each with the tensors inside."""
    starts = range(0, layout.size, num_values)
    return [_columns(layout, start, min(start + num_values, layout.size)) for start in starts]


def _columns(layout: ParameterLayout, start: int, stop: int) -> Columns:
    segments = tuple(
        (tensor, max(first, start) - start, min(last, stop) - start)
        for tensor, (first, last) in enumerate(layout.bounds)
        if first < stop and last > start
    )
    return Columns(start, stop, segments)


def block_slices(shape: tuple[int, ...], itemsize: int) -> list[tuple[slice, slice]]:
    """Rows and columns of blocks of at most `BLOCK_BYTES` that cover a matrix (K, P), row by row."""
    K, P = shape
    values = BLOCK_BYTES // itemsize
    height, width = max(1, min(K, values // P)), min(P, values)
    return [
        (slice(row, min(K, row + height)), slice(column, min(P, column + width)))
        for row in range(0, K, height)
        for column in range(0, P, width)
    ]
