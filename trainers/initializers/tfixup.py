"""Transformers that train without layer norm and without warm-up."""

from __future__ import annotations

from math import sqrt
from typing import TYPE_CHECKING, Literal

from trainers.initializers.base import Initializer, Probe
from trainers.initializers.draws import uniform
from trainers.late import torch
from trainers.layout import ParameterLayout, ParameterSpec

if TYPE_CHECKING:
    from torch import Tensor

BRANCHES_PER_LAYER = 2
"""A transformer layer has one branch for attention and one for its perceptron."""


class TFixup(Initializer):
    """Xavier's weights, scaled down in the branches of a transformer with the fourth root of its depth."""

    kind: Literal["tfixup"] = "tfixup"
    source = "Huang et al. 2020, PMLR 119 (T-Fixup), encoder rule"
    caution = "made for transformers; without residual branches this is xavier_uniform"

    def weight(self, spec: ParameterSpec, generator: torch.Generator) -> Tensor:
        """Xavier's uniform draws, from which branches are scaled."""
        return uniform(spec, sqrt(6.0 / (spec.fan_in + spec.fan_out)), generator)

    def embedding(self, spec: ParameterSpec, generator: torch.Generator) -> Tensor:
        """Draws from N(0, 1/width), from which embeddings are scaled."""
        return torch.randn(spec.shape, generator=generator, dtype=torch.float64) / sqrt(spec.shape[-1])

    def initialize(
        self, layout: ParameterLayout, generator: torch.Generator, probe: Probe | None = None
    ) -> Tensor:
        """Of N layers, values, projections and perceptrons get 0.67·N^(−¼), embeddings (9N)^(−¼)."""
        row = super().initialize(layout, generator)
        num_layers = len({spec.branch for spec in layout.specs if spec.branch}) / BRANCHES_PER_LAYER
        if num_layers == 0:
            return row
        for spec, (start, stop) in zip(layout.specs, layout.bounds, strict=True):
            if spec.role == "embedding":
                row[start:stop] *= (9 * num_layers) ** -0.25
            elif spec.role == "weight" and spec.branch:
                _scaled_part(spec, row[start:stop]).mul_(0.67 * num_layers**-0.25)
        return row


def _scaled_part(spec: ParameterSpec, segment: Tensor) -> Tensor:
    """What is scaled of a branch's weight: nothing of queries and keys; of all three in one, the values."""
    if "qkv" in spec.name:
        return segment[2 * spec.size // 3 :]
    if "query" in spec.name or "key" in spec.name:
        return segment[:0]
    return segment
