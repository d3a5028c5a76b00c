"""Initial weights scaled so that rectified layers keep their variance."""

from math import sqrt
from typing import Literal

import torch
from torch import Tensor

from trainers.initializers.base import Initializer
from trainers.layout import ParameterSpec


class KaimingNormal(Initializer):
    """Normal weights with variance gain²/fan_in, made for rectifiers."""

    kind: Literal["kaiming_normal"] = "kaiming_normal"
    source = "arXiv 1502.01852; torch.nn.init.kaiming_normal_"

    def weight(self, spec: ParameterSpec, generator: torch.Generator) -> Tensor:
        """Draws from N(0, 2/fan_in)."""
        values = torch.randn(spec.shape, generator=generator, dtype=torch.float64)
        return values * sqrt(2.0 / spec.fan_in)
