"""Wide random networks, described by two variances."""

from __future__ import annotations

from math import sqrt
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from trainers.initializers.base import Initializer
from trainers.initializers.draws import normal
from trainers.layout import ParameterSpec

if TYPE_CHECKING:
    import torch
    from torch import Tensor


class MeanField(Initializer):
    """Normal weights with variance σ_w²/fan_in and biases with variance σ_b², as in mean field theory."""

    kind: Literal["mean_field"] = "mean_field"
    source = "Schoenholz et al. 2017, arXiv 1611.01232"
    sigma_w2: float = Field(1.5, gt=0, le=1e6, description="σ_w², weight variance times fan-in")
    sigma_b2: float = Field(0.05, ge=0, le=1e6, description="σ_b², variance of biases")

    def weight(self, spec: ParameterSpec, generator: torch.Generator) -> Tensor:
        """Draws from N(0, σ_w²/fan_in)."""
        return normal(spec, sqrt(self.sigma_w2 / spec.fan_in), generator)

    def bias(self, spec: ParameterSpec, generator: torch.Generator) -> Tensor:
        """Draws from N(0, σ_b²)."""
        return normal(spec, sqrt(self.sigma_b2), generator)
