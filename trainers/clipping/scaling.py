"""What rules share that multiply whole gradients, or whole tensors, by a factor."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trainers.clipping.base import Clipped, Gradients
from trainers.late import torch
from trainers.layout import ParameterLayout

if TYPE_CHECKING:
    from torch import Tensor


def scale_members(gradients: Gradients, coefficient: Tensor) -> Clipped:
    """Multiply each member's gradient by its `coefficient` (M,); a factor of 1 is no change."""
    return Clipped(
        flat=gradients.flat,
        factor=coefficient,
        clipped=(coefficient != 1).to(coefficient.dtype),
        coefficient=coefficient,
        norm=gradients.norm * coefficient,
    )


def scale_tensors(gradients: Gradients, coefficients: Tensor, layout: ParameterLayout) -> Clipped:
    """Multiply tensor s of member m by `coefficients` (M, S), in place."""
    segments = layout.segments(gradients.flat)
    for segment, coefficient in zip(segments, coefficients.unsqueeze(2).unbind(dim=1), strict=True):
        segment.mul_(coefficient)
    norms = (gradients.tensor_norms * coefficients).double()
    return Clipped(
        flat=gradients.flat,
        clipped=(coefficients != 1).any(dim=1).to(coefficients.dtype),
        coefficient=coefficients.amin(dim=1),
        norm=torch.linalg.vector_norm(norms, dim=1).to(coefficients.dtype),
    )
