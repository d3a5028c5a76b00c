"""Weights scaled by the mean of fan-in and fan-out, made for saturating nonlinearities."""

from __future__ import annotations

from math import sqrt
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from trainers.initializers.base import Initializer
from trainers.initializers.draws import normal, uniform
from trainers.layout import ParameterSpec

if TYPE_CHECKING:
    import torch
    from torch import Tensor


class XavierUniform(Initializer):
    """Uniform weights with variance gain²·2/(fan_in + fan_out)."""

    kind: Literal["xavier_uniform"] = "xavier_uniform"
    source = "Glorot and Bengio 2010; torch.nn.init.xavier_uniform_"
    gain: float = Field(1.0, gt=0, le=1e6, description="factor on every weight")

    def weight(self, spec: ParameterSpec, generator: torch.Generator) -> Tensor:
        """Draws from U[−a, a], a = gain·√(6/(fan_in + fan_out))."""
        return uniform(spec, self.gain * sqrt(6.0 / (spec.fan_in + spec.fan_out)), generator)


class XavierNormal(Initializer):
    """Normal weights with variance gain²·2/(fan_in + fan_out)."""

    kind: Literal["xavier_normal"] = "xavier_normal"
    source = "Glorot and Bengio 2010; torch.nn.init.xavier_normal_"
    gain: float = Field(1.0, gt=0, le=1e6, description="factor on every weight")

    def weight(self, spec: ParameterSpec, generator: torch.Generator) -> Tensor:
        """Draws from N(0, σ²), σ = gain·√(2/(fan_in + fan_out))."""
        return normal(spec, self.gain * sqrt(2.0 / (spec.fan_in + spec.fan_out)), generator)
