"""Gradients with the mean of each unit taken out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, Self

from trainers.gradients.base import GradientKind, GradientTransform
from trainers.layout import ParameterLayout

if TYPE_CHECKING:
    from torch import Tensor


class Centralisation(GradientKind):
    """Subtracts from each unit's weight gradient its mean, so that it sums to zero."""

    kind: Literal["centralisation"] = "centralisation"
    source = "Yong et al. 2020, arXiv 2004.01461"

    @classmethod
    def stack(
        cls, kinds: Sequence[Self], layout: ParameterLayout, like: Tensor, seeds: Sequence[int]
    ) -> GradientTransform:
        """One transform for K members; it has no parameters."""
        return _Centralisation(layout)


class _Centralisation(GradientTransform):
    """Means go over all dimensions but the first; biases and gains, which have one only, are left alone."""

    def __init__(self, layout: ParameterLayout) -> None:
        self.layout = layout

    def transform(self, flat: Tensor, step: int) -> Tensor:
        for spec, segment in zip(self.layout.specs, self.layout.segments(flat), strict=True):
            if len(spec.shape) > 1:
                units = segment.view(len(segment), spec.shape[0], spec.size // spec.shape[0])
                units.sub_(units.mean(dim=2, keepdim=True))
        return flat
