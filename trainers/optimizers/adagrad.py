"""Gradients divided by the root of the sum of all their squares."""

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


class Adagrad(Optimizer):
    """Divides each gradient by the root of the sum of all its squares so far, so that steps only shrink."""

    kind: Literal["adagrad"] = "adagrad"
    source = "Duchi et al. 2011; torch.optim.Adagrad"
    adaptive = True
    lr_decay: float = Field(0.0, ge=0, le=1e6, description="the rate falls as 1/(1 + steps·lr_decay)")
    initial_sum: float = Field(0.0, ge=0, le=1e12, description="where the sum of squares starts")
    eps: float = Field(1e-10, ge=0, le=1, description="added to the root before dividing by it")
    weight_decay: float = Field(0.0, ge=0, le=1e6, description="L2 penalty, added to the gradient")

    @classmethod
    def stack(cls, optimizers: Sequence[Self], layout: ParameterLayout, like: Tensor) -> StackedOptimizer:
        """One optimizer for K members."""
        return _StackedAdagrad(optimizers, like)


class _StackedAdagrad(StackedOptimizer):
    def __init__(self, optimizers: Sequence[Adagrad], like: Tensor) -> None:
        self.lr_decay = exact_column(optimizers, "lr_decay", like)  # (K, 1)
        self.initial_sum = column(optimizers, "initial_sum", like)
        self.eps = column(optimizers, "eps", like)
        self.age = torch.zeros_like(self.lr_decay)
        self.sum = self.initial_sum.repeat(1, like.shape[1])  # (K, P)
        weight_decay = column(optimizers, "weight_decay", like)
        self.weight_decay = weight_decay if any_above_zero(weight_decay) else None

    def update(self, params: Tensor, grads: Tensor, lr: Tensor, step: int) -> Tensor:
        if self.weight_decay is not None:
            grads.addcmul_(params, self.weight_decay)
        self.sum.addcmul_(grads, grads)
        rate = -lr / (1 + self.age * self.lr_decay).to(lr.dtype)
        self.age += 1
        return grads.div_(self.sum.sqrt().add_(self.eps)).mul_(rate)

    def preconditioner(self) -> Tensor:
        age = (self.age - 1).clamp(min=0)
        root = self.sum.sqrt().add_(self.eps).mul_((1 + age * self.lr_decay).to(self.sum.dtype))
        return torch.where(self.age > 0, root, torch.nan)

    def reset(self, rows: Tensor) -> None:
        chosen = rows.unsqueeze(1)
        self.sum = torch.where(chosen, self.initial_sum, self.sum)
        self.age = self.age.masked_fill(chosen, 0.0)
