"""Adam, and AdamW with weight decay outside the gradient."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, Self

from pydantic import Field

from trainers.kinds import column, exact_column
from trainers.late import torch
from trainers.layout import ParameterLayout
from trainers.optimizers.base import StackedOptimizer
from trainers.optimizers.columns import any_above_zero, shared_limit
from trainers.optimizers.moments import MomentOptimizer, Moments

if TYPE_CHECKING:
    from torch import Tensor

FROZEN_AFTER = Field(
    None,
    ge=1,
    le=10_000_000,
    description="updates after which the root mean square stays as it is (arXiv 2207.14484, 2102.02888)",
)


class Adam(MomentOptimizer):
    """Adam: steps along the running mean gradient, divided by its running root mean square."""

    kind: Literal["adam"] = "adam"
    source = "Kingma and Ba 2014, arXiv 1412.6980; torch.optim.Adam"
    weight_decay: float = Field(0.0, ge=0, le=1e6, description="L2 penalty, added to the gradient")
    frozen_after: int | None = FROZEN_AFTER

    @classmethod
    def stack(cls, optimizers: Sequence[Self], layout: ParameterLayout, like: Tensor) -> StackedOptimizer:
        """One optimizer for K members, whose preconditioners freeze at the same update."""
        return StackedAdam(
            optimizers,
            like,
            column(optimizers, "weight_decay", like),
            decoupled=False,
            frozen_after=shared_limit(optimizers, "frozen_after"),
        )


class AdamW(MomentOptimizer):
    """Adam with decoupled weight decay: the weights shrink by lr·λ, whatever the gradient."""

    kind: Literal["adamw"] = "adamw"
    source = "Loshchilov and Hutter 2017, arXiv 1711.05101; torch.optim.AdamW"
    weight_decay: float = Field(0.01, ge=0, le=1e6, description="λ; weights shrink by lr·λ at each step")
    frozen_after: int | None = FROZEN_AFTER

    @classmethod
    def stack(cls, optimizers: Sequence[Self], layout: ParameterLayout, like: Tensor) -> StackedOptimizer:
        """One optimizer for K members, whose preconditioners freeze at the same update."""
        return StackedAdam(
            optimizers,
            like,
            column(optimizers, "weight_decay", like),
            decoupled=True,
            frozen_after=shared_limit(optimizers, "frozen_after"),
        )


class StackedAdam(StackedOptimizer):
    """Adam over K members, with coupled or decoupled weight decay (K, 1)."""

    def __init__(
        self,
        optimizers: Sequence[MomentOptimizer],
        like: Tensor,
        weight_decay: Tensor,
        *,
        decoupled: bool,
        frozen_after: int | None = None,
    ) -> None:
        self.moments = Moments(optimizers, like, frozen_after)
        self.eps = exact_column(optimizers, "eps", like)
        self.weight_decay = weight_decay if any_above_zero(weight_decay) else None
        self.decoupled = decoupled

    def update(self, params: Tensor, grads: Tensor, lr: Tensor, step: int) -> Tensor:
        """Δw = −lr·m̂/(√v̂ + ε), the corrections of m̂ and v̂ moved into the (K, 1) factors."""
        if self.weight_decay is not None and not self.decoupled:
            grads.addcmul_(params, self.weight_decay)
        moments = self.moments
        work = moments.add(grads)  # (K, P)
        root_correction = moments.square_correction().sqrt()
        factor = (root_correction / moments.mean_correction()).to(lr.dtype)
        torch.sqrt(moments.square, out=work).add_((self.eps * root_correction).to(lr.dtype))
        delta = torch.div(moments.mean, work, out=work).mul_(factor * -lr)
        if self.weight_decay is not None and self.decoupled:
            delta.addcmul_(params, self.weight_decay * -lr)
        return delta

    def preconditioner(self) -> Tensor:
        """(1 − β₁ᵗ)(√v̂ + ε)."""
        return self.moments.preconditioner(self.eps)

    def reset(self, rows: Tensor) -> None:
        """Forget both moments of the members where `rows` (K,) bool is true."""
        self.moments.reset(rows)
