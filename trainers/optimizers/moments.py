"""The running mean and mean square of gradients that Adam and its kin keep."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf
from typing import TYPE_CHECKING

from pydantic import Field

from trainers.kinds import exact_column
from trainers.late import torch
from trainers.optimizers.base import Optimizer
from trainers.stacked import Stacked

if TYPE_CHECKING:
    from torch import Tensor


class MomentOptimizer(Optimizer):
    """Base of optimizers that keep both moments."""

    adaptive = True

    beta1: float = Field(0.9, ge=0, lt=1, description="decay of the running mean of gradients")
    beta2: float = Field(0.999, ge=0, lt=1, description="decay of the running mean of squared gradients")
    eps: float = Field(1e-8, ge=0, le=1, description="added to the root mean square before dividing by it")


class Moments(Stacked):
    """Both moments (K, P) of K members, not yet corrected for their start at zero.

    After `frozen_after` updates the mean square stays as it is; None never freezes it.
    """

    def __init__(
        self, optimizers: Sequence[MomentOptimizer], like: Tensor, frozen_after: int | None = None
    ) -> None:
        self.frozen_after = inf if frozen_after is None else frozen_after
        self.beta1 = exact_column(optimizers, "beta1", like)
        self.beta2 = exact_column(optimizers, "beta2", like)
        self.mean_weight = (1 - self.beta1).to(like.dtype)  # (K, 1)
        self.square_weight = (1 - self.beta2).to(like.dtype)
        self.square_decay = self.beta2.to(like.dtype)
        self.mean = torch.zeros_like(like)
        self.square = torch.zeros_like(like)
        self.age = torch.zeros_like(self.beta1)  # updates since the start or the last reset

    def add(self, grads: Tensor) -> Tensor:
        """Take in gradients (K, P); returns the same memory, now holding their squares."""
        self.age += 1
        self.mean.lerp_(grads, self.mean_weight)
        squares = torch.mul(grads, grads, out=grads)
        decay, weight = self._square_factors()
        self.square.mul_(decay).addcmul_(squares, weight)
        return squares

    def mean_correction(self) -> Tensor:
        """Divide the mean by this (K, 1, float64) to undo its start at zero."""
        return 1 - self.beta1**self.age

    def square_correction(self) -> Tensor:
        """Divide the mean square by this (K, 1, float64) to undo its start at zero."""
        return 1 - self.beta2 ** self.age.clamp(max=self.frozen_after)

    def preconditioner(self, eps: Tensor) -> Tensor:
        """P (K, P) of Δw = −lr·P⁻¹·mean: (1 − β₁ᵗ)(√v̂ + ε). NaN before the first update."""
        root = (self.square / self.square_correction().to(self.square.dtype)).sqrt_()
        return root.add_(eps.to(root.dtype)).mul_(self.mean_correction().to(root.dtype))

    def reset(self, rows: Tensor) -> None:
        """Start again for the members where `rows` (K,) bool is true."""
        chosen = rows.unsqueeze(1)
        self.mean.masked_fill_(chosen, 0.0)
        self.square.masked_fill_(chosen, 0.0)
        self.age.masked_fill_(chosen, 0.0)

    def _square_factors(self) -> tuple[Tensor, Tensor]:
        """What the mean square keeps, and its weight for new squares, each (K, 1)."""
        if self.frozen_after == inf:
            return self.square_decay, self.square_weight
        is_frozen = self.age > self.frozen_after
        return self.square_decay.masked_fill(is_frozen, 1.0), self.square_weight.masked_fill(is_frozen, 0.0)
