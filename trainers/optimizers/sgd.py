"""Stochastic gradient descent, with torch's momentum."""

from collections.abc import Sequence
from typing import Literal, Self

from pydantic import Field
from torch import Tensor

from trainers.kinds import column
from trainers.layout import ParameterLayout
from trainers.optimizers.base import Optimizer, StackedOptimizer


class SGD(Optimizer):
    """Stochastic gradient descent."""

    kind: Literal["sgd"] = "sgd"
    weight_decay: float = Field(0.0, ge=0, le=1e6, description="L2 penalty added to the gradient")

    @classmethod
    def stack(cls, optimizers: Sequence[Self], layout: ParameterLayout, like: Tensor) -> StackedOptimizer:
        """One optimizer for K members."""
        return _SGD(column(optimizers, "weight_decay", like))


class _SGD(StackedOptimizer):
    def __init__(self, weight_decay: Tensor) -> None:
        self.weight_decay = weight_decay  # (K, 1)

    def update(self, params: Tensor, grads: Tensor, lr: Tensor, step: int) -> Tensor:
        return grads.addcmul_(params, self.weight_decay).mul_(-lr)
