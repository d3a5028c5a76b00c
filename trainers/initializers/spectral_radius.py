"""Recurrent weights whose powers neither grow nor shrink by accident."""

from __future__ import annotations

from math import sqrt
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from trainers.initializers.base import Initializer
from trainers.initializers.draws import normal, orthogonal
from trainers.late import torch
from trainers.layout import ParameterSpec

if TYPE_CHECKING:
    from torch import Tensor


class SpectralRadius(Initializer):
    """Recurrent matrices of a given spectral radius; other weights have variance 1/fan_in."""

    kind: Literal["spectral_radius"] = "spectral_radius"
    source = "Pascanu et al. 2013, arXiv 1211.5063; Saxe et al. 2013, arXiv 1312.6120"
    radius: float = Field(1.0, gt=0, le=100, description="largest modulus of an eigenvalue")
    form: Literal["orthogonal", "normal"] = Field(
        "orthogonal", description="a scaled orthogonal matrix, or a normal one scaled to the radius"
    )

    def weight(self, spec: ParameterSpec, generator: torch.Generator) -> Tensor:
        """Gates stacked as (gates·n, n) each get the radius."""
        if spec.role != "recurrent":
            return normal(spec, 1 / sqrt(spec.fan_in), generator)
        num_units = spec.shape[1]
        blocks = [self._square(num_units, generator) for _ in range(spec.shape[0] // num_units)]
        return torch.cat(blocks) * self.radius

    def _square(self, size: int, generator: torch.Generator) -> Tensor:
        """A matrix (size, size) of spectral radius 1."""
        if self.form == "orthogonal":
            return orthogonal(size, size, generator)
        matrix = torch.randn(size, size, generator=generator, dtype=torch.float64)
        return matrix.div_(torch.linalg.eigvals(matrix).abs().max())
