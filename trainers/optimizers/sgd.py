"""Stochastic gradient descent and its two momenta."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, Self

from pydantic import Field, model_validator

from trainers.kinds import column
from trainers.late import torch
from trainers.layout import ParameterLayout
from trainers.optimizers.base import Optimizer, StackedOptimizer
from trainers.optimizers.change import Change
from trainers.optimizers.columns import any_above_zero, shared_flag

if TYPE_CHECKING:
    from torch import Tensor


class SGD(Optimizer):
    """Stochastic gradient descent: w ← w − lr·g, with optional momentum."""

    kind: Literal["sgd"] = "sgd"
    source = "torch.optim.SGD"
    momentum: float = Field(0.0, ge=0, lt=1, description="decay of the running sum of gradients")
    dampening: float = Field(0.0, ge=0, le=1, description="share of each new gradient left out of the sum")
    nesterov: bool = Field(False, description="look ahead along the momentum")
    weight_decay: float = Field(0.0, ge=0, le=1e6, description="L2 penalty, added to the gradient")

    @model_validator(mode="after")
    def _nesterov_has_momentum(self) -> Self:
        if self.nesterov and (self.momentum == 0 or self.dampening != 0):
            raise ValueError("nesterov needs momentum above 0 and dampening 0")
        return self

    @classmethod
    def stack(cls, optimizers: Sequence[Self], layout: ParameterLayout, like: Tensor) -> StackedOptimizer:
        """One optimizer for K members; all or none of them use Nesterov's form."""
        return _StackedSGD(
            optimizers,
            like,
            nesterov=shared_flag(optimizers, "nesterov"),
            dampening=column(optimizers, "dampening", like),
        )


class Momentum(Optimizer):
    """Heavy-ball momentum: gradients pile up in a velocity that decays."""

    kind: Literal["momentum"] = "momentum"
    source = "Polyak 1964; torch.optim.SGD(momentum=…)"
    momentum: float = Field(0.9, ge=0, lt=1, description="decay of the velocity")
    weight_decay: float = Field(0.0, ge=0, le=1e6, description="L2 penalty, added to the gradient")

    @classmethod
    def stack(cls, optimizers: Sequence[Self], layout: ParameterLayout, like: Tensor) -> StackedOptimizer:
        """One optimizer for K members."""
        return _StackedSGD(optimizers, like, nesterov=False)


class Nesterov(Optimizer):
    """Nesterov's momentum: the gradient step is taken from where the velocity leads."""

    kind: Literal["nesterov"] = "nesterov"
    source = "Nesterov 1983; torch.optim.SGD(nesterov=True)"
    momentum: float = Field(0.9, gt=0, lt=1, description="decay of the velocity")
    weight_decay: float = Field(0.0, ge=0, le=1e6, description="L2 penalty, added to the gradient")

    @classmethod
    def stack(cls, optimizers: Sequence[Self], layout: ParameterLayout, like: Tensor) -> StackedOptimizer:
        """One optimizer for K members."""
        return _StackedSGD(optimizers, like, nesterov=True)


class _StackedSGD(StackedOptimizer):
    """The velocity is v ← μv + g, its first value g itself; Nesterov's form moves along g + μv."""

    def __init__(
        self,
        optimizers: Sequence[SGD | Momentum | Nesterov],
        like: Tensor,
        *,
        nesterov: bool,
        dampening: Tensor | None = None,
    ) -> None:
        weight_decay = column(optimizers, "weight_decay", like)
        self.weight_decay = weight_decay if any_above_zero(weight_decay) else None  # (K, 1)
        self.nesterov = nesterov
        self.momentum = column(optimizers, "momentum", like)  # (K, 1)
        self.velocity = torch.zeros_like(like) if any_above_zero(self.momentum) else None  # (K, P)
        self.new_share: Tensor | None = None  # (K, 1)
        if dampening is not None and any_above_zero(dampening):
            self.new_share = torch.where(self.momentum > 0, 1 - dampening, 1.0)

    @property
    def is_linear(self) -> bool:
        return self.velocity is None and self.weight_decay is None

    def update(self, params: Tensor, grads: Tensor, lr: Tensor, step: int) -> Tensor:
        return self.change(params, grads, lr, step).tensor(out=grads)

    def change(self, params: Tensor, grads: Tensor, lr: Tensor, step: int) -> Change:
        if self.weight_decay is not None:
            grads.addcmul_(params, self.weight_decay)
        if self.velocity is None:
            return Change(grads, -lr)
        if self.new_share is not None and step > 0:
            grads.mul_(self.new_share)
        torch.addcmul(grads, self.velocity, self.momentum, out=self.velocity)
        if self.nesterov:
            return Change(grads.addcmul_(self.velocity, self.momentum), -lr)
        return Change(self.velocity, -lr)

    def reset(self, rows: Tensor) -> None:
        if self.velocity is not None:
            self.velocity.masked_fill_(rows.unsqueeze(1), 0.0)
