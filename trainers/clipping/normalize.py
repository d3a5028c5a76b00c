"""Normalised gradients: only the direction counts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, Self

from pydantic import Field

from trainers.clipping.base import Clip, Clipped, ClipRule, Gradients
from trainers.clipping.scaling import scale_members
from trainers.kinds import column
from trainers.late import torch
from trainers.layout import ParameterLayout

if TYPE_CHECKING:
    from torch import Tensor


class Normalize(Clip):
    """Replaces the gradient g by α·g/‖g‖, so that every update has the same length."""

    kind: Literal["normalize"] = "normalize"
    source = "Hazan et al. 2015, arXiv 1507.02030"
    alpha: float = Field(0.1, gt=0, le=1e12, description="α, the norm that every gradient gets")

    @classmethod
    def stack(cls, clips: Sequence[Self], layout: ParameterLayout, like: Tensor) -> ClipRule:
        """Lengths α (M,) for M members."""
        return _Normalize(column(clips, "alpha", like).squeeze(1))


class _Normalize(ClipRule):
    """A gradient of zero stays zero; one too short to be divided by is stretched as far as the dtype goes."""

    needs = frozenset()

    def __init__(self, alpha: Tensor) -> None:
        self.alpha = alpha  # (M,)

    def clip(self, gradients: Gradients) -> Clipped:
        largest = torch.finfo(gradients.norm.dtype).max
        stretch = (self.alpha / gradients.norm).clamp(max=largest)
        coefficient = torch.where(gradients.norm == 0, torch.ones_like(stretch), stretch)
        return scale_members(gradients, coefficient)
