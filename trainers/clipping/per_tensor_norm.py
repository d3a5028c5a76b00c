"""Clipping by norm, each tensor on its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, Self

from pydantic import Field

from trainers.clipping.base import Clip, Clipped, ClipRule, Gradients
from trainers.clipping.scaling import scale_tensors
from trainers.kinds import column
from trainers.layout import ParameterLayout

if TYPE_CHECKING:
    from torch import Tensor


class PerTensorNorm(Clip):
    """Scales each tensor's gradient down when that tensor's own norm exceeds a threshold."""

    kind: Literal["per_tensor_norm"] = "per_tensor_norm"
    source = "tf.clip_by_norm; Keras optimizers' clipnorm"
    max_norm: float = Field(1.0, gt=0, description="largest allowed L2 norm of each tensor's gradient")

    @classmethod
    def stack(cls, clips: Sequence[Self], layout: ParameterLayout, like: Tensor) -> ClipRule:
        """Thresholds (M, 1) for M members."""
        return _PerTensorNorm(column(clips, "max_norm", like), layout)


class _PerTensorNorm(ClipRule):
    def __init__(self, max_norm: Tensor, layout: ParameterLayout) -> None:
        self.max_norm = max_norm  # (M, 1)
        self.layout = layout

    def clip(self, gradients: Gradients) -> Clipped:
        coefficients = (self.max_norm / gradients.tensor_norms).clamp(max=1.0)  # (M, S); c/0 = inf gives 1
        return scale_tensors(gradients, coefficients, self.layout)
