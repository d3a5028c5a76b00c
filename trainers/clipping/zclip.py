"""Clipping of norms that stand out against a running mean and variance."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, Self

from pydantic import Field

from trainers.clipping.base import Clip, Clipped, ClipRule, Gradients
from trainers.clipping.global_norm import SAFE_DIVISION
from trainers.clipping.scaling import scale_members
from trainers.kinds import exact_column
from trainers.late import torch
from trainers.layout import ParameterLayout

if TYPE_CHECKING:
    from torch import Tensor


class ZClip(Clip):
    """Clips a global norm whose z-score against the recent norms is too high, harder the higher it is."""

    kind: Literal["zclip"] = "zclip"
    source = "Kumar et al. 2025, arXiv 2504.02507"
    z_threshold: float = Field(
        2.5, gt=0, le=1000, description="z₀, the z-score above which a norm is clipped"
    )
    alpha: float = Field(0.97, ge=0, lt=1, description="α, decay of the running mean and variance")
    warmup_steps: int = Field(25, ge=2, le=1_000_000, description="steps that are only observed")

    @classmethod
    def stack(cls, clips: Sequence[Self], layout: ParameterLayout, like: Tensor) -> ClipRule:
        """Thresholds and statistics (M,) for M members."""
        return _ZClip(clips, like)


class _ZClip(ClipRule):
    """Warm-up takes Welford's mean and variance; then both decay, and learn from the clipped norm."""

    needs = frozenset()

    def __init__(self, clips: Sequence[ZClip], like: Tensor) -> None:
        self.z_threshold = exact_column(clips, "z_threshold", like).squeeze(1)  # (M,)
        self.alpha = exact_column(clips, "alpha", like).squeeze(1)
        self.warmup_steps = exact_column(clips, "warmup_steps", like).squeeze(1)
        self.mean = torch.zeros_like(self.alpha)
        self.variance = torch.zeros_like(self.alpha)

    def clip(self, gradients: Gradients) -> Clipped:
        norm = gradients.norm.double()
        warming = gradients.step < self.warmup_steps
        deviation = self.variance.sqrt()
        z = (norm - self.mean) / (deviation + SAFE_DIVISION)
        bound = self.mean + self.z_threshold.square() * deviation / z
        too_high = (z > self.z_threshold) & ~warming
        coefficient = torch.where(too_high, (bound / (norm + SAFE_DIVISION)).clamp(max=1.0), 1.0)
        self._learn(torch.where(too_high, bound, norm), warming, gradients.step)
        return scale_members(gradients, coefficient.to(gradients.norm.dtype))

    def _learn(self, norm: Tensor, warming: Tensor, step: int) -> None:
        weight = torch.where(warming, 1.0 / (step + 1), 1 - self.alpha)
        before = norm - self.mean
        self.mean = self.mean + weight * before
        after = norm - self.mean
        spread = torch.where(warming, before * after, after.square())
        self.variance = self.variance + weight * (spread - self.variance)
