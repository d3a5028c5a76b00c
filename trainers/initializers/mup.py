"""Maximal update parametrisation: settings found at one width hold at others."""

from __future__ import annotations

from math import sqrt
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from trainers.initializers.base import Initializer
from trainers.initializers.draws import normal
from trainers.late import torch
from trainers.layout import ParameterLayout, ParameterSpec

if TYPE_CHECKING:
    from torch import Tensor


class Mup(Initializer):
    """Variance 1/fan_in inside and 1/fan_in² at the output, with learning rates that follow the width."""

    kind: Literal["mup"] = "mup"
    source = "Yang et al. 2022, arXiv 2203.03466, table 3"
    base_width: int = Field(
        64, ge=1, le=10**6, description="width at which nothing differs from lecun_normal"
    )

    def weight(self, spec: ParameterSpec, generator: torch.Generator) -> Tensor:
        """Draws from N(0, 1/fan_in), and N(0, base_width/fan_in²) for the output."""
        shrink = sqrt(self.base_width / spec.fan_in) if spec.is_output else 1.0
        return normal(spec, shrink / sqrt(spec.fan_in), generator)

    def rate_factors(self, layout: ParameterLayout, *, adaptive: bool) -> Tensor:
        """Learning rate factors (P,): 1 everywhere at the base width; the first tensor meets the input."""
        parts = [
            torch.full((spec.size,), self._rate_factor(spec, index == 0, adaptive), dtype=torch.float64)
            for index, spec in enumerate(layout.specs)
        ]
        return torch.cat(parts)

    def _rate_factor(self, spec: ParameterSpec, is_input: bool, adaptive: bool) -> float:
        inner = spec.role in ("weight", "recurrent") and not is_input
        if spec.is_output:
            return self.base_width / spec.fan_in if inner else 1.0
        if adaptive:
            return self.base_width / spec.fan_in if inner else 1.0
        width = spec.shape[-1] if spec.role == "embedding" else spec.fan_out
        return 1.0 if inner else width / self.base_width
