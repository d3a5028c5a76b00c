"""Weights scaled by one fan so that a nonlinear layer keeps the variance of its signal."""

from __future__ import annotations

from math import sqrt
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from trainers.initializers.base import Initializer
from trainers.initializers.draws import normal, uniform
from trainers.initializers.gains import GAINS, Nonlinearity
from trainers.layout import ParameterSpec

if TYPE_CHECKING:
    import torch
    from torch import Tensor


class _Kaiming(Initializer):
    nonlinearity: Nonlinearity = Field("relu", description="nonlinearity whose gain multiplies the weights")
    mode: Literal["fan_in", "fan_out"] = Field(
        "fan_in", description="keep the variance of activations (fan_in) or of gradients (fan_out)"
    )

    def std(self, spec: ParameterSpec) -> float:
        """gain/√fan, the standard deviation of a tensor's weights."""
        fan = spec.fan_in if self.mode == "fan_in" else spec.fan_out
        return GAINS[self.nonlinearity] / sqrt(fan)


class KaimingUniform(_Kaiming):
    """Uniform weights with variance gain²/fan_in, made for rectifiers."""

    kind: Literal["kaiming_uniform"] = "kaiming_uniform"
    source = "He et al. 2015, arXiv 1502.01852; torch.nn.init.kaiming_uniform_"

    def weight(self, spec: ParameterSpec, generator: torch.Generator) -> Tensor:
        """Draws from U[−a, a], a = gain·√(3/fan)."""
        return uniform(spec, sqrt(3.0) * self.std(spec), generator)


class KaimingNormal(_Kaiming):
    """Normal weights with variance gain²/fan_in, made for rectifiers."""

    kind: Literal["kaiming_normal"] = "kaiming_normal"
    source = "He et al. 2015, arXiv 1502.01852; torch.nn.init.kaiming_normal_"

    def weight(self, spec: ParameterSpec, generator: torch.Generator) -> Tensor:
        """Draws from N(0, gain²/fan)."""
        return normal(spec, self.std(spec), generator)
