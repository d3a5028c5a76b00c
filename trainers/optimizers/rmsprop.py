"""Gradients divided by their running root mean square."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, Self

from pydantic import Field

from trainers.kinds import column, exact_column
from trainers.late import torch
from trainers.layout import ParameterLayout
from trainers.optimizers.base import Optimizer, StackedOptimizer
from trainers.optimizers.columns import any_above_zero, once_begun, shared_flag

if TYPE_CHECKING:
    from torch import Tensor


class RMSprop(Optimizer):
    """Divides each gradient by the running root mean square of its entries."""

    kind: Literal["rmsprop"] = "rmsprop"
    source = "Hinton 2012; torch.optim.RMSprop"
    adaptive = True
    alpha: float = Field(0.99, ge=0, lt=1, description="decay of the running mean of squared gradients")
    eps: float = Field(1e-8, ge=0, le=1, description="added to the root mean square before dividing by it")
    momentum: float = Field(0.0, ge=0, lt=1, description="decay of a velocity of the divided gradients")
    centered: bool = Field(False, description="divide by the running standard deviation instead")
    weight_decay: float = Field(0.0, ge=0, le=1e6, description="L2 penalty, added to the gradient")

    @classmethod
    def stack(cls, optimizers: Sequence[Self], layout: ParameterLayout, like: Tensor) -> StackedOptimizer:
        """One optimizer for K members; all or none of them are centred."""
        return _StackedRMSprop(optimizers, like)


class _StackedRMSprop(StackedOptimizer):
    def __init__(self, optimizers: Sequence[RMSprop], like: Tensor) -> None:
        alpha = exact_column(optimizers, "alpha", like)
        self.square_decay = alpha.to(like.dtype)  # (K, 1)
        self.new_weight = (1 - alpha).to(like.dtype)
        self.eps = column(optimizers, "eps", like)
        self.square = torch.zeros_like(like)  # (K, P)
        self.mean = torch.zeros_like(like) if shared_flag(optimizers, "centered") else None
        self.momentum = column(optimizers, "momentum", like)
        self.velocity = torch.zeros_like(like) if any_above_zero(self.momentum) else None
        weight_decay = column(optimizers, "weight_decay", like)
        self.weight_decay = weight_decay if any_above_zero(weight_decay) else None

    def update(self, params: Tensor, grads: Tensor, lr: Tensor, step: int) -> Tensor:
        if self.weight_decay is not None:
            grads.addcmul_(params, self.weight_decay)
        self.square.mul_(self.square_decay).addcmul_(grads * grads, self.new_weight)
        if self.mean is not None:
            self.mean.lerp_(grads, self.new_weight)
        divided = grads.div_(self._spread().sqrt_().add_(self.eps))
        if self.velocity is None:
            return divided.mul_(-lr)
        torch.addcmul(divided, self.velocity, self.momentum, out=self.velocity)
        return torch.mul(self.velocity, -lr, out=grads)

    def preconditioner(self) -> Tensor:
        return once_begun(self._spread().sqrt_().add_(self.eps), self.square)

    def _spread(self) -> Tensor:
        """Running mean square or variance (K, P), in memory of its own."""
        if self.mean is None:
            return self.square.clone()
        return torch.addcmul(self.square, self.mean, self.mean, value=-1)

    def reset(self, rows: Tensor) -> None:
        for state in (self.square, self.mean, self.velocity):
            if state is not None:
                state.masked_fill_(rows.unsqueeze(1), 0.0)
