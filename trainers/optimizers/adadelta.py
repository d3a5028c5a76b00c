"""Gradients rescaled to the size of the updates before."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, Self

from pydantic import Field

from trainers.kinds import column, exact_column
from trainers.late import torch
from trainers.layout import ParameterLayout
from trainers.optimizers.base import Optimizer, StackedOptimizer
from trainers.optimizers.columns import any_above_zero, once_begun

if TYPE_CHECKING:
    from torch import Tensor


class Adadelta(Optimizer):
    """Rescales gradients by the ratio of recent update sizes to recent gradient sizes."""

    kind: Literal["adadelta"] = "adadelta"
    source = "Zeiler 2012, arXiv 1212.5701; torch.optim.Adadelta"
    adaptive = True
    rho: float = Field(0.9, ge=0, lt=1, description="decay of both running means of squares")
    eps: float = Field(1e-6, gt=0, le=1, description="added to both means of squares before their roots")
    weight_decay: float = Field(0.0, ge=0, le=1e6, description="L2 penalty, added to the gradient")

    @classmethod
    def stack(cls, optimizers: Sequence[Self], layout: ParameterLayout, like: Tensor) -> StackedOptimizer:
        """One optimizer for K members."""
        return _StackedAdadelta(optimizers, like)


class _StackedAdadelta(StackedOptimizer):
    def __init__(self, optimizers: Sequence[Adadelta], like: Tensor) -> None:
        rho = exact_column(optimizers, "rho", like)
        self.decay = rho.to(like.dtype)  # (K, 1)
        self.new_weight = (1 - rho).to(like.dtype)
        self.eps = column(optimizers, "eps", like)
        self.square = torch.zeros_like(like)  # of gradients, (K, P)
        self.update_square = torch.zeros_like(like)  # (K, P)
        weight_decay = column(optimizers, "weight_decay", like)
        self.weight_decay = weight_decay if any_above_zero(weight_decay) else None

    def update(self, params: Tensor, grads: Tensor, lr: Tensor, step: int) -> Tensor:
        if self.weight_decay is not None:
            grads.addcmul_(params, self.weight_decay)
        self.square.mul_(self.decay).addcmul_(grads * grads, self.new_weight)
        ratio = (self.update_square + self.eps).sqrt_().div_((self.square + self.eps).sqrt_())
        delta = ratio.mul_(grads)
        self.update_square.mul_(self.decay).addcmul_(torch.mul(delta, delta, out=grads), self.new_weight)
        return delta.mul_(-lr)

    def preconditioner(self) -> Tensor:
        root = ((self.square + self.eps) / (self.update_square + self.eps)).sqrt_()
        return once_begun(root, self.square)

    def reset(self, rows: Tensor) -> None:
        self.square.masked_fill_(rows.unsqueeze(1), 0.0)
        self.update_square.masked_fill_(rows.unsqueeze(1), 0.0)
