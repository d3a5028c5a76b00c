"""Adam with Nesterov's look ahead."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, Self

from pydantic import Field

from trainers.kinds import column, exact_column
from trainers.late import torch
from trainers.layout import ParameterLayout
from trainers.optimizers.base import StackedOptimizer
from trainers.optimizers.columns import any_above_zero
from trainers.optimizers.moments import MomentOptimizer, Moments

if TYPE_CHECKING:
    from torch import Tensor


class NAdam(MomentOptimizer):
    """Adam whose mean gradient looks one step ahead, as Nesterov's momentum does."""

    kind: Literal["nadam"] = "nadam"
    source = "Dozat 2016; torch.optim.NAdam"
    weight_decay: float = Field(0.0, ge=0, le=1e6, description="L2 penalty, added to the gradient")
    momentum_decay: float = Field(4e-3, ge=0, le=1, description="how fast the look-ahead warms up")

    @classmethod
    def stack(cls, optimizers: Sequence[Self], layout: ParameterLayout, like: Tensor) -> StackedOptimizer:
        """One optimizer for K members."""
        return _StackedNAdam(optimizers, like)


class _StackedNAdam(StackedOptimizer):
    def __init__(self, optimizers: Sequence[NAdam], like: Tensor) -> None:
        self.moments = Moments(optimizers, like)
        self.eps = exact_column(optimizers, "eps", like)
        self.momentum_decay = exact_column(optimizers, "momentum_decay", like)
        # Product of all momenta so far (K, 1). torch keeps it in float32 even for float64 parameters.
        self.product = torch.ones_like(self.eps, dtype=torch.float32)
        weight_decay = column(optimizers, "weight_decay", like)
        self.weight_decay = weight_decay if any_above_zero(weight_decay) else None

    def update(self, params: Tensor, grads: Tensor, lr: Tensor, step: int) -> Tensor:
        if self.weight_decay is not None:
            grads.addcmul_(params, self.weight_decay)
        moments = self.moments
        work = moments.add(grads.clone())
        now, ahead = self._momentum(moments.age), self._momentum(moments.age + 1)
        self.product = self.product * now.float()
        product = self.product.double()
        root_correction = moments.square_correction().sqrt()
        torch.sqrt(moments.square, out=work).add_((self.eps * root_correction).to(lr.dtype))
        of_gradient = root_correction * (1 - now) / (1 - product)
        of_mean = root_correction * ahead / (1 - product * ahead)
        grads.mul_(of_gradient.to(lr.dtype)).addcmul_(moments.mean, of_mean.to(lr.dtype))
        return grads.div_(work).mul_(-lr)

    def _momentum(self, age: Tensor) -> Tensor:
        return self.moments.beta1 * (1 - 0.5 * 0.96 ** (age * self.momentum_decay))

    def preconditioner(self) -> Tensor:
        return self.moments.preconditioner(self.eps)

    def reset(self, rows: Tensor) -> None:
        self.moments.reset(rows)
        self.product = self.product.masked_fill(rows.unsqueeze(1), 1.0)
