"""Weights whose size is given, whatever the layer's width."""

from typing import Literal

import torch
from pydantic import Field
from torch import Tensor

from trainers.initializers.base import Initializer
from trainers.initializers.draws import normal
from trainers.layout import ParameterSpec


class Normal(Initializer):
    """Normal weights of a given standard deviation, whatever the layer's width."""

    kind: Literal["normal"] = "normal"
    source = "torch.nn.init.normal_"
    std: float = Field(0.01, gt=0, le=1e6, description="standard deviation of every weight")

    def weight(self, spec: ParameterSpec, generator: torch.Generator) -> Tensor:
        """Draws from N(0, std²)."""
        return normal(spec, self.std, generator)
