"""Residual networks that train without normalisation."""

from __future__ import annotations

from math import sqrt
from typing import TYPE_CHECKING, Literal

from trainers.initializers.base import Initializer, Probe
from trainers.initializers.draws import normal
from trainers.layout import ParameterLayout, ParameterSpec

if TYPE_CHECKING:
    import torch
    from torch import Tensor


class Fixup(Initializer):
    """Residual branches that start at zero, their inner layers scaled down with the number of branches."""

    kind: Literal["fixup"] = "fixup"
    source = "Zhang et al. 2019, arXiv 1901.09321"
    caution = "the output layer starts at zero; without residual branches this is kaiming_normal otherwise"

    def weight(self, spec: ParameterSpec, generator: torch.Generator) -> Tensor:
        """Kaiming's normal draws, from which branches are scaled."""
        return normal(spec, sqrt(2.0 / spec.fan_in), generator)

    def initialize(
        self, layout: ParameterLayout, generator: torch.Generator, probe: Probe | None = None
    ) -> Tensor:
        """Kaiming's weights times L^(−1/(2m−2)) in L branches of m layers, the last layer of each zero."""
        row = super().initialize(layout, generator)
        for spec, (start, stop) in zip(layout.specs, layout.bounds, strict=True):
            if spec.role in ("weight", "recurrent"):
                row[start:stop] *= branch_factor(layout, spec)
        return row


def branch_factor(layout: ParameterLayout, spec: ParameterSpec) -> float:
    """What Fixup multiplies the weight `spec` by."""
    if spec.is_output:
        return 0.0
    if not spec.branch:
        return 1.0
    weights = [other for other in layout.specs if other.role in ("weight", "recurrent") and other.branch]
    inside = [other.name for other in weights if other.branch == spec.branch]
    if spec.name == inside[-1]:
        return 0.0
    num_branches = len({other.branch for other in weights})
    return float(num_branches ** (-1 / (2 * len(inside) - 2)))
