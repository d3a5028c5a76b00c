"""Spike-aware clipping with momentum reset."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, Self

from pydantic import Field

from trainers.clipping.base import Clip, Clipped, ClipRule, Gradients
from trainers.kinds import exact_column
from trainers.late import torch
from trainers.layout import ParameterLayout

if TYPE_CHECKING:
    from torch import Tensor

SMALLEST_SQUARE = 1e-37
"""A running square below this is no measure of an entry's size yet."""
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

    needs = frozenset()

    def __init__(self, clips: Sequence[SpikeMomentumReset], like: Tensor) -> None:
        self.threshold = exact_column(clips, "threshold", like)  # (M, 1)
        self.beta = exact_column(clips, "beta", like)
        self.reset_every = exact_column(clips, "reset_every", like)
        self.warmup_steps = exact_column(clips, "warmup_steps", like)
        self.square = torch.zeros_like(like)  # (M, P)
        self.age = torch.zeros_like(self.beta)  # steps in `square` that count
        self.periods = frozenset(clip.reset_every for clip in clips)

    def clip(self, gradients: Gradients) -> Clipped:
        flat, step = gradients.flat, gradients.step
        reset = None
        if step > 0 and any(step % period == 0 for period in self.periods):
            reset = step % self.reset_every == 0  # (M, 1)
            self.age.masked_fill_(reset, 0.0)
        bound = self._bound()
        coefficient = (flat.abs() / bound).amax(dim=1).reciprocal().clamp(max=1.0)
        torch.minimum(flat, bound, out=flat)
        torch.maximum(flat, bound.neg_(), out=flat)
        self._learn(flat)
        return Clipped(
            flat,
            clipped=(coefficient < 1).to(flat.dtype),
            coefficient=coefficient,
            reset=None if reset is None else reset.squeeze(1),
            rate=self._rate(step).squeeze(1).to(flat.dtype),
        )

    def _bound(self) -> Tensor:
        """√(θV) of each entry (M, P); the largest number there is where V is zero or counts no step.

        `known` is 1 or 0 by arithmetic: masks cost ten times as much on a CPU.
        """
        dtype = self.square.dtype
        factor = self.threshold / (1 - self.beta ** self.age.clamp(min=1))
        bound = (self.square * factor.to(dtype)).sqrt_()
        smallest = max(SMALLEST_SQUARE, torch.finfo(dtype).tiny)
        known = self.square.mul((self.age > 0).to(dtype) / smallest).clamp_(max=1.0)
        return bound.add_(known.neg_().add_(1.0), alpha=torch.finfo(dtype).max / 2)

    def _learn(self, flat: Tensor) -> None:
        decay = torch.where(self.age > 0, self.beta, 0.0)
        self.square.mul_(decay.to(flat.dtype)).addcmul_(flat * flat, (1 - self.beta).to(flat.dtype))
        self.age += 1

    def _rate(self, step: int) -> Tensor:
        """Half a cosine from a small rate to 1, after every reset; 1 before the first (M, 1)."""
        done = ((step % self.reset_every + 1) / (self.warmup_steps + 1)).clamp(max=1.0)
        back = 1 - (1 - FIRST_RATE) * (1 + torch.cos(torch.pi * done)) / 2
        return torch.where(step < self.reset_every, 1.0, back)
