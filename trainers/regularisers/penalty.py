"""The gradient penalty: a loss that should not change fast with its inputs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, Self

from pydantic import Field

from trainers.data.base import DataShape
from trainers.kinds import column
from trainers.late import torch
from trainers.regularisers.base import Regulariser, StackedRegulariser
from trainers.regularisers.inputs import unfit_tokens
from trainers.workload import Workload

if TYPE_CHECKING:
    from torch import Tensor


class GradientPenalty(Regulariser):
    """Adds λ times the mean over examples of ‖∂ℓ/∂x‖², differentiated a second time."""

    kind: Literal["gradient_penalty"] = "gradient_penalty"
    source = "Drucker and Le Cun 1992; arXiv 1704.00028 for the form of adversarial networks"
    weight: float = Field(0.01, ge=0, description="λ, the penalty's weight")

    def unfit(self, shape: DataShape) -> str | None:
        """Tokens have no slope."""
        return unfit_tokens(self.kind, shape)

    @classmethod
    def stack(
        cls, kinds: Sequence[Self], workload: Workload, like: Tensor, seeds: Sequence[int]
    ) -> StackedGradientPenalty:
        """Weights λ (K, 1)."""
        return StackedGradientPenalty(column(kinds, "weight", like))


class StackedGradientPenalty(StackedRegulariser):
    """The penalty for K members; costs a second backward pass."""

    needs_input_gradient = True

    def __init__(self, weight: Tensor) -> None:
        self.weight = weight  # (K, 1)

    def penalty(self, loss: Tensor, inputs: Tensor) -> Tensor:
        """λ · mean_i ‖∂ℓ_i/∂x_i‖² (K,): the loss is a mean over B, so its gradient is B times less."""
        (slope,) = torch.autograd.grad(loss.sum(), [inputs], create_graph=True)
        num_examples = inputs.shape[1]
        return self.weight.squeeze(1) * num_examples * slope.square().flatten(1).sum(dim=1)
