"""The last few gradients of a small stack, so that what nobody waits for is measured in bulk.

A NumPy call costs a few microseconds beside a training step, whatever it computes. For small rows that is
more than the arithmetic, so the statistics that only end up in curves are taken of several steps at once.
"""

import numpy as np

from trainers.layout import ParameterLayout
from trainers.statistics.bulk import Bulk, Matrix, count_nonzero, dots, max_abs, tensor_norms
from trainers.statistics.norms import Rows

RING_BYTES = 1 << 19
"""What the ring may hold: a quarter of a usual core's second-level cache, beside parameters and gradients."""
MAX_LENGTH = 16


class GradientRing:
    """Room for `length` gradients (K, P) and the one before them."""

    def __init__(self, layout: ParameterLayout, previous: Rows) -> None:
        self.length = ring_length(previous)
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

    def put(self, grads: Rows) -> Rows:
        """Copy a gradient (K, P) in: whoever comes next may overwrite it. Its sums of squares (K,)."""
        self._filled += 1
        np.copyto(self._slots[self._filled], grads)
        squares: Rows = np.vecdot(grads, grads)
        return squares

    def tensor_norms(self) -> Matrix:
        """Norms of the tensors (K, S) of the gradient that was put in last."""
        return tensor_norms(self._layout, self.latest)

    def max_abs(self) -> Rows:
        """Its largest entries (K,)."""
        return max_abs(self.latest)

    def measure(self) -> Bulk:
        """Measure what was put in since the last call, and make room."""
        n, (K, P) = self._filled, self._slots.shape[1:]
        block = self._slots[1 : n + 1].reshape(n * K, P)
        before = self._slots[:n].reshape(n * K, P)
        found = Bulk(
            tensor_norms=tensor_norms(self._layout, block).reshape(n, K, -1),
            max_abs=max_abs(block).reshape(n, K),
            num_nonzero=count_nonzero(block, self._nonzero[: n * K]).reshape(n, K),
            dot=dots(block, before).reshape(n, K),
        )
        np.copyto(self._slots[0], self._slots[n])
        self._filled = 0
        return found


def ring_length(gradient: Rows) -> int:
    """How many gradients like (K, P) `gradient` fit in a ring, at most `MAX_LENGTH`; 0 when none does."""
    return int(min(MAX_LENGTH, RING_BYTES // max(1, gradient.nbytes)))
