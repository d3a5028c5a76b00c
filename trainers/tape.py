"""Tapes: what a forward pass tells, and asks, of whoever runs it."""

from collections.abc import Sequence

from torch import Tensor

from trainers.models.base import Part
from trainers.regularisers.base import StackedRegulariser


class SilentTape:
    """The tape of an evaluation: nothing is observed, dropped or penalised."""

    touches = False

    def observe(self, layer: str, activation: Tensor) -> Tensor:
        """The activation, untouched."""
        return activation

    def inside(self, layer: str, part: Part, values: Tensor) -> None:
        """Ignored."""

    def dropout(self, layer: str, activation: Tensor) -> Tensor:
        """The activation, untouched."""
        return activation

    def penalty(self, value: Tensor) -> None:
        """Ignored."""


class TrainingTape(SilentTape):
    """The tape of a training step: regularisers act on activations, a model's own penalties add up."""

    def __init__(self, regularisers: Sequence[StackedRegulariser], step: int) -> None:
        self._regularisers = regularisers
        self._step = step
        self.penalties: list[Tensor] = []
        self.touches = bool(regularisers)

    def dropout(self, layer: str, activation: Tensor) -> Tensor:
        """The activation after every regulariser's hook."""
        for regulariser in self._regularisers:
            activation = regulariser.activation(layer, activation, self._step)
        return activation

    def penalty(self, value: Tensor) -> None:
        """Add a model's own loss term (K,)."""
        self.penalties.append(value)
