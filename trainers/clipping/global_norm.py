"""Clipping by the norm over all tensors: the direction stays, the length is bounded."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, Self

from pydantic import Field

from trainers.clipping.base import Clip, Clipped, ClipRule, Gradients
from trainers.clipping.scaling import scale_members
from trainers.kinds import column
from trainers.layout import ParameterLayout

if TYPE_CHECKING:
    from torch import Tensor

SAFE_DIVISION = 1e-6
"""Added to the norm before dividing, as torch does, so that a gradient of zero stays zero."""


class GlobalNorm(Clip):
    """Scales the whole gradient down when its norm over all tensors exceeds a threshold."""

    kind: Literal["global_norm"] = "global_norm"
    source = "Pascanu et al. 2013, arXiv 1211.5063; torch.nn.utils.clip_grad_norm_"
    max_norm: float = Field(1.0, gt=0, description="largest allowed L2 norm of the whole gradient")

    @classmethod
    def stack(cls, clips: Sequence[Self], layout: ParameterLayout, like: Tensor) -> ClipRule:
        """Thresholds (M,) for M members."""
        return _GlobalNorm(column(clips, "max_norm", like).squeeze(1))


class _GlobalNorm(ClipRule):
    needs = frozenset()

    def __init__(self, max_norm: Tensor) -> None:
        self.max_norm = max_norm  # (M,)

    def clip(self, gradients: Gradients) -> Clipped:
        coefficient = (self.max_norm / (gradients.norm + SAFE_DIVISION)).clamp(max=1.0)
        return scale_members(gradients, coefficient)
