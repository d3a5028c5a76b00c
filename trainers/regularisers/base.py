"""The form of a regulariser: what it does to batches, activations, loss or gradient of K members at once."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING, Self

from trainers.kinds import Kind
from trainers.stacked import Stacked

if TYPE_CHECKING:
    from torch import Tensor

    from trainers.data.base import DataShape
    from trainers.workload import Workload


class StackedRegulariser(Stacked):
    """One regulariser over K members, with their parameters. Override the hooks that it needs.

    Random draws depend on the member's seed and the step alone, so that a step can be run again.
    """

    needs_input_gradient: bool = False
    """Whether `penalty` differentiates the loss with respect to the inputs."""

    def batch(self, inputs: Tensor, targets: Tensor, step: int) -> tuple[Tensor, Tensor]:
        """Change a training batch (K or 1, B, ...); class targets may become soft: (K, B, ..., classes)."""
        return inputs, targets

    def activation(self, layer: str, values: Tensor, step: int) -> Tensor:
        """Change a hidden activation (K, B, ...)."""
        return values

    def penalty(self, loss: Tensor, inputs: Tensor) -> Tensor | None:
        """A term (K,) to add to the loss (K,), or None."""
        return None

    def gradient(self, flat: Tensor, params: Tensor) -> Tensor:
        """Add the penalty's own gradient to `flat` (K, P), which may be overwritten."""
        return flat


class Regulariser(Kind):
    """Base of regulariser configs."""

    def unfit(self, shape: DataShape) -> str | None:
        """Why data of this shape cannot be trained on with it; None when they can."""
        return None

    @classmethod
    @abstractmethod
    def stack(
        cls, kinds: Sequence[Self], workload: Workload, like: Tensor, seeds: Sequence[int]
    ) -> StackedRegulariser:
        """One regulariser for K members; `like` (K, P) gives the parameters' device and dtype."""
