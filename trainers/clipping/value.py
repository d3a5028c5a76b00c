"""Clipping each entry on its own: the length is bounded, the direction may turn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, Self

from pydantic import Field

from trainers.clipping.base import Clip, Clipped, ClipRule, Gradients
from trainers.kinds import column
from trainers.late import torch
from trainers.layout import ParameterLayout

if TYPE_CHECKING:
    from torch import Tensor


class Value(Clip):
    """Limits every entry of the gradient to [−c, c]."""

    kind: Literal["value"] = "value"
    source = "torch.nn.utils.clip_grad_value_"
    max_value: float = Field(1.0, gt=0, description="c, the largest allowed size of one entry")

    @classmethod
    def stack(cls, clips: Sequence[Self], layout: ParameterLayout, like: Tensor) -> ClipRule:
        """Thresholds (M, 1) for M members."""
        return _Value(column(clips, "max_value", like))


class _Value(ClipRule):
    """As in torch, an infinite entry becomes ±c and NaN stays; the norm before clipping shows either."""

    needs = frozenset({"max_abs"})

    def __init__(self, max_value: Tensor) -> None:
        self.max_value = max_value  # (M, 1)

    def clip(self, gradients: Gradients) -> Clipped:
        coefficient = (self.max_value.squeeze(1) / gradients.largest_entry()).clamp(max=1.0)
        flat = torch.minimum(gradients.flat, self.max_value, out=gradients.flat)
        torch.maximum(flat, -self.max_value, out=flat)
        return Clipped(flat, clipped=(coefficient < 1).to(coefficient.dtype), coefficient=coefficient)
