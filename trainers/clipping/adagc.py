"""Clipping of each tensor against its own running norm."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, Self

from pydantic import Field

from trainers.clipping.base import Clip, Clipped, ClipRule, Gradients
from trainers.clipping.scaling import scale_tensors
from trainers.kinds import column
from trainers.late import torch
from trainers.layout import ParameterLayout

if TYPE_CHECKING:
    from torch import Tensor


class AdaGC(Clip):
    """Bounds each tensor's norm by its own recent norm, after a warm-up with a global bound."""

    kind: Literal["adagc"] = "adagc"
    source = "Wang et al. 2025, arXiv 2502.11034"
    max_norm: float = Field(1.0, gt=0, description="largest global norm during the warm-up")
    ratio: float = Field(1.05, gt=0, description="λ, largest ratio of a tensor's norm to its running norm")
    beta: float = Field(0.98, ge=0, lt=1, description="β, decay of the running norms")
    warmup_steps: int = Field(100, ge=1, le=1_000_000, description="steps with the global bound")

    @classmethod
    def stack(cls, clips: Sequence[Self], layout: ParameterLayout, like: Tensor) -> ClipRule:
        """Thresholds (M, 1) and running norms (M, S) for M members."""
        return _AdaGC(clips, layout, like)


class _AdaGC(ClipRule):
    """Warm-up keeps the smallest norm that each tensor has had, passing over norms of zero."""

    def __init__(self, clips: Sequence[AdaGC], layout: ParameterLayout, like: Tensor) -> None:
        self.layout = layout
        self.max_norm = column(clips, "max_norm", like)  # (M, 1)
        self.ratio = column(clips, "ratio", like)
        self.beta = column(clips, "beta", like)
        self.warmup_steps = column(clips, "warmup_steps", like)
        self.running = self.max_norm.repeat(1, len(layout.specs))  # (M, S)

    def clip(self, gradients: Gradients) -> Clipped:
        norms = gradients.tensor_norms  # (M, S)
        warming = gradients.step < self.warmup_steps  # (M, 1)
        bounds = torch.where(warming, self.max_norm, self.ratio * self.running)
        measured = torch.where(warming, gradients.norm.unsqueeze(1), norms)
        coefficients = (bounds / measured).clamp(max=1.0)
        self._learn(norms * coefficients, warming)
        return scale_tensors(gradients, coefficients, self.layout)

    def _learn(self, clipped: Tensor, warming: Tensor) -> None:
        smallest = torch.where(clipped > 0, torch.minimum(self.running, clipped), self.running)
        average = torch.lerp(clipped, self.running, self.beta)
        self.running = torch.where(warming, smallest, average)
