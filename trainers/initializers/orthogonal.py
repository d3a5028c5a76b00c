"""Orthogonal weights: every direction keeps its length."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import Field

from trainers.initializers.base import Initializer
from trainers.initializers.draws import as_matrix_shape, orthogonal
from trainers.layout import ParameterSpec

if TYPE_CHECKING:
    import torch
    from torch import Tensor


class Orthogonal(Initializer):
    """Orthogonal matrices times a gain, so that every direction is stretched alike."""

    kind: Literal["orthogonal"] = "orthogonal"
    source = "Saxe et al. 2013, arXiv 1312.6120; torch.nn.init.orthogonal_"
    gain: float = Field(1.0, gt=0, le=1e6, description="factor on every singular value")

    def weight(self, spec: ParameterSpec, generator: torch.Generator) -> Tensor:
        """Rows or columns, whichever are fewer, are orthogonal with length `gain`; kernels are flattened."""
        return (orthogonal(*as_matrix_shape(spec), generator) * self.gain).reshape(spec.shape)
