"""Adaptive gradient clipping: each unit's gradient is bounded by a fraction of its weights' norm."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, Self

from pydantic import Field

from trainers.clipping.base import Clip, Clipped, ClipRule, Gradients
from trainers.kinds import column
from trainers.late import torch
from trainers.layout import ParameterLayout, ParameterSpec

if TYPE_CHECKING:
    from torch import Tensor


class Agc(Clip):
    """Bounds each unit's gradient by a fraction of the norm of that unit's weights."""

    kind: Literal["agc"] = "agc"
    source = "Brock et al. 2021, arXiv 2102.06171"
    fraction: float = Field(
        0.01, gt=0, description="λ, largest ratio of gradient norm to weight norm per unit"
    )
    eps: float = Field(1e-3, gt=0, description="a weight norm below this counts as this")

    @classmethod
    def stack(cls, clips: Sequence[Self], layout: ParameterLayout, like: Tensor) -> ClipRule:
        """Fractions and floors (M, 1) for M members."""
        return _Agc(column(clips, "fraction", like), column(clips, "eps", like), layout)


class _Agc(ClipRule):
    """A unit is a row (out, …) of a weight, and all of a bias or gain; the last layer is left alone."""

    def __init__(self, fraction: Tensor, eps: Tensor, layout: ParameterLayout) -> None:
        self.fraction = fraction  # (M, 1)
        self.eps = eps  # (M, 1)
        self.layout = layout

    def clip(self, gradients: Gradients) -> Clipped:
        smallest = torch.ones_like(gradients.norm)
        parts = zip(
            self.layout.specs,
            self.layout.segments(gradients.flat),
            self.layout.segments(gradients.params),
            strict=True,
        )
        for index, (spec, grads, weights) in enumerate(parts):
            if not spec.is_output:
                scale = gradients.tensor_norms[:, index : index + 1]
                coefficients = self._clip_units(_by_unit(grads, spec), _by_unit(weights, spec), scale)
                smallest = torch.minimum(smallest, coefficients.amin(dim=1))
        return Clipped(gradients.flat, (smallest < 1).to(smallest.dtype), smallest)

    def _clip_units(self, grads: Tensor, weights: Tensor, scale: Tensor) -> Tensor:
        """Scale `grads` (M, units, n) in place; the factors (M, units).

        Norms are taken of gradients over their tensor's norm `scale` (M, 1), whose squares cannot overflow.
        """
        scale = scale.clamp(min=torch.finfo(scale.dtype).tiny)
        norms = torch.linalg.vector_norm(grads / scale.unsqueeze(2), dim=2) * scale
        bound = self.fraction * torch.maximum(torch.linalg.vector_norm(weights, dim=2), self.eps)
        coefficients: Tensor = (bound / norms).clamp(max=1.0)
        grads.mul_(coefficients.unsqueeze(2))
        return coefficients


def _by_unit(segment: Tensor, spec: ParameterSpec) -> Tensor:
    num_units = spec.shape[0] if len(spec.shape) > 1 else 1
    return segment.view(len(segment), num_units, spec.size // num_units)
