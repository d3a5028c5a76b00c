"""Weights whose size is given, whatever the layer's width."""

from __future__ import annotations

from math import erf, sqrt
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from trainers.initializers.base import Initializer
from trainers.initializers.draws import normal, uniform
from trainers.layout import ParameterSpec

if TYPE_CHECKING:
    import torch
    from torch import Tensor


class Normal(Initializer):
    """Normal weights of a given standard deviation, whatever the layer's width."""

    kind: Literal["normal"] = "normal"
    source = "torch.nn.init.normal_"
    std: float = Field(0.01, gt=0, le=1e6, description="standard deviation of every weight")

    def weight(self, spec: ParameterSpec, generator: torch.Generator) -> Tensor:
        """Draws from N(0, std²)."""
        return normal(spec, self.std, generator)


class Uniform(Initializer):
    """Uniform weights in a given range, whatever the layer's width."""

    kind: Literal["uniform"] = "uniform"
    source = "torch.nn.init.uniform_"
    bound: float = Field(0.05, gt=0, le=1e6, description="weights lie between −bound and bound")

    def weight(self, spec: ParameterSpec, generator: torch.Generator) -> Tensor:
        """Draws from U[−bound, bound)."""
        return uniform(spec, self.bound, generator)


class TruncatedNormal(Initializer):
    """Normal weights without the tails, so that none starts far out."""

    kind: Literal["truncated_normal"] = "truncated_normal"
    source = "torch.nn.init.trunc_normal_"
    std: float = Field(0.02, gt=0, le=1e6, description="standard deviation before the tails are cut")
    cutoff: float = Field(2.0, gt=0, le=8, description="tails are cut at this many standard deviations")

    def weight(self, spec: ParameterSpec, generator: torch.Generator) -> Tensor:
        """Draws from N(0, std²) given |w| ≤ cutoff·std, by the inverse of the distribution function."""
        inside = erf(self.cutoff / sqrt(2.0))
        draws = uniform(spec, inside, generator).erfinv_().mul_(sqrt(2.0))
        return draws.clamp_(-self.cutoff, self.cutoff).mul_(self.std)
