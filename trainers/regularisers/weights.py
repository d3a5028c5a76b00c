"""Penalties on the weights, coupled: their gradient is added before clipping and the optimizer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, Self

from pydantic import Field

from trainers.kinds import column
from trainers.regularisers.base import Regulariser, StackedRegulariser
from trainers.workload import Workload

if TYPE_CHECKING:
    from torch import Tensor


class L1(Regulariser):
    """Adds λ·sign(w) to the gradient, the gradient of λ‖w‖₁."""

    kind: Literal["l1"] = "l1"
    weight: float = Field(1e-5, ge=0, description="λ, the penalty's weight")
    source = "Tibshirani 1996"

    @classmethod
    def stack(
        cls, kinds: Sequence[Self], workload: Workload, like: Tensor, seeds: Sequence[int]
    ) -> StackedL1:
        """Weights λ (K, 1)."""
        return StackedL1(column(kinds, "weight", like))


class StackedL1(StackedRegulariser):
    """λ·sign(w) for K members."""

    def __init__(self, weight: Tensor) -> None:
        self.weight = weight  # (K, 1)

    def gradient(self, flat: Tensor, params: Tensor) -> Tensor:
        """Add λ·sign(w), nothing for weights of zero, and nothing for NaN, which has no sign in torch."""
        return flat.addcmul_(params.sign(), self.weight)


class L2(Regulariser):
    """Adds λ·w to the gradient, the gradient of ½λ‖w‖²; `optimizer.weight_decay` of SGD does the same."""

    kind: Literal["l2"] = "l2"
    weight: float = Field(1e-4, ge=0, description="λ, the penalty's weight")
    source = "torch.optim.SGD(weight_decay)"

    @classmethod
    def stack(
        cls, kinds: Sequence[Self], workload: Workload, like: Tensor, seeds: Sequence[int]
    ) -> StackedL2:
        """Weights λ (K, 1)."""
        return StackedL2(column(kinds, "weight", like))


class StackedL2(StackedRegulariser):
    """λ·w for K members."""

    def __init__(self, weight: Tensor) -> None:
        self.weight = weight  # (K, 1)

    def gradient(self, flat: Tensor, params: Tensor) -> Tensor:
        """Add λ·w."""
        return flat.addcmul_(params, self.weight)
