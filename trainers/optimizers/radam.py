"""Adam that waits until its root mean square can be trusted."""

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

TRUSTED_LENGTH = 5.0
"""The mean square is used once it averages over more than this many gradients."""


class RAdam(MomentOptimizer):
    """Adam that starts as momentum and divides by the root mean square once enough gradients are known."""

    kind: Literal["radam"] = "radam"
    source = "Liu et al. 2019, arXiv 1908.03265; torch.optim.RAdam"
    weight_decay: float = Field(0.0, ge=0, le=1e6, description="L2 penalty, added to the gradient")

    @classmethod
    def stack(cls, optimizers: Sequence[Self], layout: ParameterLayout, like: Tensor) -> StackedOptimizer:
        """One optimizer for K members."""
        return _StackedRAdam(optimizers, like)


class _StackedRAdam(StackedOptimizer):
    def __init__(self, optimizers: Sequence[RAdam], like: Tensor) -> None:
        self.moments = Moments(optimizers, like)
        self.eps = exact_column(optimizers, "eps", like)
        weight_decay = column(optimizers, "weight_decay", like)
        self.weight_decay = weight_decay if any_above_zero(weight_decay) else None

    def update(self, params: Tensor, grads: Tensor, lr: Tensor, step: int) -> Tensor:
        if self.weight_decay is not None:
            grads.addcmul_(params, self.weight_decay)
        moments = self.moments
        work = moments.add(grads)
        trusted, rectification = self._rectification()
        # Arithmetic instead of a mask, which costs ten passes on a CPU: an untrusted root becomes 1.
        torch.sqrt(moments.square, out=work).mul_(trusted.to(lr.dtype))
        work.add_(torch.where(trusted, self.eps, 1.0).to(lr.dtype))
        factor = (rectification / moments.mean_correction()).to(lr.dtype)
        return torch.div(moments.mean, work, out=work).mul_(factor * -lr)

    def preconditioner(self) -> Tensor:
        """1 − β₁ᵗ as long as the mean square is not trusted."""
        moments = self.moments
        trusted, rectification = self._rectification()
        root = moments.square.sqrt() + (self.eps * moments.square_correction().sqrt()).to(
            moments.square.dtype
        )
        factor = (moments.mean_correction() / rectification).to(root.dtype)
        return torch.where(trusted, root, torch.ones_like(root)) * torch.where(factor > 0, factor, torch.nan)

    def _rectification(self) -> tuple[Tensor, Tensor]:
        """Whether each member divides by the root mean square, and its factor, both (K, 1)."""
        beta2, age, correction = self.moments.beta2, self.moments.age, self.moments.square_correction()
        longest = 2 / (1 - beta2) - 1
        length = longest - 2 * age * beta2**age / correction
        numerator = (length - 4) * (length - 2) * longest
        denominator = (longest - 4) * (longest - 2) * length
        trusted = length > TRUSTED_LENGTH
        return trusted, torch.where(trusted, (numerator / denominator * correction).sqrt(), 1.0)

    def reset(self, rows: Tensor) -> None:
        self.moments.reset(rows)
