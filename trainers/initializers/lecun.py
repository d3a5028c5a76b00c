"""Weights with variance 1/fan_in, made for self-normalising and linear layers."""

from __future__ import annotations

from math import sqrt
from typing import TYPE_CHECKING, Literal

from trainers.initializers.base import Initializer
from trainers.initializers.draws import normal, uniform
from trainers.layout import ParameterSpec

if TYPE_CHECKING:
    import torch
    from torch import Tensor


class LecunNormal(Initializer):
    """Normal weights with variance 1/fan_in."""

    kind: Literal["lecun_normal"] = "lecun_normal"
    source = "LeCun et al. 1998, Efficient BackProp; Klambauer et al. 2017, arXiv 1706.02515"

    def weight(self, spec: ParameterSpec, generator: torch.Generator) -> Tensor:
        """Draws from N(0, 1/fan_in)."""
        return normal(spec, 1.0 / sqrt(spec.fan_in), generator)


class LecunUniform(Initializer):
    """Uniform weights with variance 1/fan_in."""

    kind: Literal["lecun_uniform"] = "lecun_uniform"
    source = "LeCun et al. 1998, Efficient BackProp"

    def weight(self, spec: ParameterSpec, generator: torch.Generator) -> Tensor:
        """Draws from U[−a, a], a = √(3/fan_in)."""
        return uniform(spec, sqrt(3.0 / spec.fan_in), generator)
