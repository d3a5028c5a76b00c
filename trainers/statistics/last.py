"""The gradients of the step before, which the next step's are compared with."""

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from trainers.layout import ParameterLayout
from trainers.statistics.norms import Rows


class LastGradients:
    """The last gradients of K members: `parts`, S tensors, each (K, ...).

    They are in a matrix of our own, in the tensors that autograd made, or, which saves a pass over memory,
    still where these were gathered (K, P), if nothing changed them there in the rest of the step.
    """

    def __init__(self, layout: ParameterLayout, rows: Rows) -> None:
        """Begin with `rows` (K, P), which are ours from now on."""
        self.layout = layout
        self.parts: list[Rows]
        self._gathered: Tensor | None
        self._hold(rows)

    def flat(self) -> Rows:
        """A copy (K, P)."""
        found: Rows = np.concatenate([part.reshape(len(part), -1) for part in self.parts], axis=1)
        return found

    def own(self) -> list[Rows]:
        """The parts, where they may be written over."""
        self._check()
        if self._gathered is not None:
            self._hold(self.flat())
        return self.parts

    def are_in(self, values: Tensor) -> bool:
        """Whether `values` (K, P) are these gradients, unchanged."""
        self._check()
        return self._is_settled and values.data_ptr() == self._address

    def replace(self, parts: list[Rows], gathered: Tensor) -> None:
        """Keep a step's tensors, which nobody changes, and remember where they were `gathered` (K, P)."""
        self.parts, self._gathered, self._is_settled = parts, gathered, False
        self._address, self._version = gathered.data_ptr(), gathered._version

    def settle(self) -> None:
        """Let go of the tensors if what was gathered is as it was, now that the step is about to end."""
        if self._gathered is not None and self._gathered._version == self._version:
            self.parts, self._is_settled = self._split(self._gathered.numpy()), True

    def keep(self, kept: NDArray[np.int64]) -> None:
        """Forget the members that are not `kept`."""
        self._hold(self.flat()[kept])

    def _hold(self, rows: Rows) -> None:
        self.parts = self._split(rows)
        self._gathered = None
        self._address = self._version = -1
        self._is_settled = False

    def _check(self) -> None:
        if self._is_settled and self._gathered is not None and self._gathered._version != self._version:
            raise RuntimeError("gradients were changed after their step; they are still to be compared with")

    def _split(self, rows: Rows) -> list[Rows]:
        return [rows[:, start:stop] for start, stop in self.layout.bounds]
