"""Spike-aware clipping with momentum reset."""

from collections.abc import Sequence
from typing import Literal, Self

import torch
from pydantic import Field
from torch import Tensor

from trainers.clipping.base import Clip, Clipped, ClipRule, Gradients
from trainers.kinds import exact_column
from trainers.layout import ParameterLayout

FIRST_RATE = 0.01
"""The learning rate restarts at this fraction after a reset."""


class SpikeMomentumReset(Clip):
    """Cuts entries far above their own running size, and makes the optimizer forget its moments regularly."""

    kind: Literal["spike_momentum_reset"] = "spike_momentum_reset"
    source = "Huang et al. 2025 (SPAM), arXiv 2501.06842"
    threshold: float = Field(
        5000.0, gt=0, description="θ; an entry g with g² above θ times its running mean of g² is a spike"
    )
    beta: float = Field(0.999, gt=0, lt=1, description="decay of the running mean of g²")
    reset_every: int = Field(500, ge=1, le=10_000_000, description="ΔT, steps between two resets")
    warmup_steps: int = Field(
        150, ge=0, le=10_000_000, description="steps in which the learning rate comes back after a reset"
    )

    @classmethod
    def stack(cls, clips: Sequence[Self], layout: ParameterLayout, like: Tensor) -> ClipRule:
        """Thresholds (M, 1) and running squares (M, P) for M members."""
        return _SpikeMomentumReset(clips, like)


class _SpikeMomentumReset(ClipRule):
    """Running squares are corrected for their start at zero; what was always zero has no bound."""

    def __init__(self, clips: Sequence[SpikeMomentumReset], like: Tensor) -> None:
        self.threshold = exact_column(clips, "threshold", like)  # (M, 1)
        self.beta = exact_column(clips, "beta", like)
        self.reset_every = exact_column(clips, "reset_every", like)
        self.warmup_steps = exact_column(clips, "warmup_steps", like)
        self.square = torch.zeros_like(like)  # (M, P)
        self.age = torch.zeros_like(self.beta)  # steps in `square`

    def clip(self, gradients: Gradients) -> Clipped:
        flat = gradients.flat
        since_reset = gradients.step % self.reset_every  # (M, 1)
        reset = (since_reset == 0) & (gradients.step > 0)
        self.square.masked_fill_(reset, 0.0)
        self.age.masked_fill_(reset, 0.0)
        bound = self._bound(flat.dtype)
        coefficient = (flat.abs() / bound).amax(dim=1).reciprocal().clamp(max=1.0)
        torch.minimum(flat, bound, out=flat)
        torch.maximum(flat, bound.neg_(), out=flat)
        self._learn(flat)
        rate = self._rate(since_reset, gradients.step)
        return Clipped(
            flat,
            clipped=(coefficient < 1).to(flat.dtype),
            coefficient=coefficient,
            reset=reset.squeeze(1),
            rate=rate.squeeze(1).to(flat.dtype),
        )

    def _bound(self, dtype: torch.dtype) -> Tensor:
        """√(θV) of each entry (M, P)."""
        factor = self.threshold / (1 - self.beta ** self.age.clamp(min=1))
        bound = (self.square * factor.to(dtype)).sqrt_()
        return bound.masked_fill_(bound == 0, torch.inf)

    def _learn(self, flat: Tensor) -> None:
        self.age += 1
        self.square.mul_(self.beta.to(flat.dtype)).addcmul_(flat * flat, (1 - self.beta).to(flat.dtype))

    def _rate(self, since_reset: Tensor, step: int) -> Tensor:
        """Half a cosine from a small rate to 1, after every reset; 1 before the first (M, 1)."""
        done = ((since_reset + 1) / (self.warmup_steps + 1)).clamp(max=1.0)
        back = 1 - (1 - FIRST_RATE) * (1 + torch.cos(torch.pi * done)) / 2
        return torch.where(step < self.reset_every, 1.0, back)
