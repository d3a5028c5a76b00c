"""Steps of one size in every coordinate."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, Self

from pydantic import Field

from trainers.kinds import column, exact_column
from trainers.late import torch
from trainers.layout import ParameterLayout
from trainers.optimizers.base import Optimizer, StackedOptimizer
from trainers.optimizers.columns import any_above_zero

if TYPE_CHECKING:
    from torch import Tensor


class Lion(Optimizer):
    """Moves every weight by exactly the learning rate, in the direction of a running mean's sign."""

    kind: Literal["lion"] = "lion"
    source = "Chen et al. 2023, arXiv 2302.06675"
    adaptive = True
    beta1: float = Field(0.9, ge=0, lt=1, description="weight of the running mean in the direction")
    beta2: float = Field(0.99, ge=0, lt=1, description="decay of the running mean of gradients")
    weight_decay: float = Field(0.0, ge=0, le=1e6, description="λ; weights shrink by lr·λ at each step")

    @classmethod
    def stack(cls, optimizers: Sequence[Self], layout: ParameterLayout, like: Tensor) -> StackedOptimizer:
        """One optimizer for K members."""
        return _StackedLion(optimizers, like)


class _StackedLion(StackedOptimizer):
    def __init__(self, optimizers: Sequence[Lion], like: Tensor) -> None:
        self.direction_weight = (1 - exact_column(optimizers, "beta1", like)).to(like.dtype)  # (K, 1)
        self.mean_weight = (1 - exact_column(optimizers, "beta2", like)).to(like.dtype)
        self.mean = torch.zeros_like(like)  # (K, P)
        weight_decay = column(optimizers, "weight_decay", like)
        self.weight_decay = weight_decay if any_above_zero(weight_decay) else None

    def update(self, params: Tensor, grads: Tensor, lr: Tensor, step: int) -> Tensor:
        delta = torch.lerp(self.mean, grads, self.direction_weight).sign_()
        self.mean.lerp_(grads, self.mean_weight)
        if self.weight_decay is not None:
            delta.addcmul_(params, self.weight_decay)
        return delta.mul_(-lr)

    def reset(self, rows: Tensor) -> None:
        self.mean.masked_fill_(rows.unsqueeze(1), 0.0)
