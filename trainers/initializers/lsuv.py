"""Weights scaled until every layer's output has unit variance on real examples."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import Field

from trainers.errors import ConfigError
from trainers.initializers.base import Initializer, Probe
from trainers.initializers.draws import as_matrix_shape, orthogonal
from trainers.layout import ParameterLayout, ParameterSpec

if TYPE_CHECKING:
    import torch
    from torch import Tensor

ENOUGH_PROGRESS = 0.5
"""A rescaling must bring the variance to within this share of its distance from 1, or it is undone."""


class Lsuv(Initializer):
    """Orthogonal weights, then rescaled layer by layer until each output has unit variance on a batch."""

    kind: Literal["lsuv"] = "lsuv"
    source = "Mishkin and Matas 2015, arXiv 1511.06422"
    tolerance: float = Field(0.1, gt=0, lt=1, description="how far from 1 a variance may stay")
    max_rescalings: int = Field(10, ge=1, le=1000, description="rescalings per layer at most")

    def weight(self, spec: ParameterSpec, generator: torch.Generator) -> Tensor:
        """Orthogonal matrices, kernels flattened."""
        return orthogonal(*as_matrix_shape(spec), generator).reshape(spec.shape)

    def initialize(
        self, layout: ParameterLayout, generator: torch.Generator, probe: Probe | None = None
    ) -> Tensor:
        """Scale layer after layer; a bounded nonlinearity that cannot reach unit variance keeps its weights.

        Raises `ConfigError` without a probe.
        """
        if probe is None:
            raise ConfigError("init lsuv needs training examples to look at, and this workload gives none")
        row = super().initialize(layout, generator)
        for layer in layout.layers:
            if layer in probe(row):
                row = self._scaled(row, layer, layout, probe)
        return row

    def _scaled(self, row: Tensor, layer: str, layout: ParameterLayout, probe: Probe) -> Tensor:
        variance = _variance(probe(row)[layer])
        for _ in range(self.max_rescalings):
            distance = abs(variance - 1)
            if distance < self.tolerance or not 0 < variance < float("inf"):
                break
            candidate = _rescale(row, layer, layout, variance**-0.5)
            variance = _variance(probe(candidate)[layer])
            if not abs(variance - 1) <= ENOUGH_PROGRESS * distance:
                break
            row = candidate
        return row


def _variance(outputs: Tensor) -> float:
    return float(outputs.double().var(correction=0))


def _rescale(row: Tensor, layer: str, layout: ParameterLayout, factor: float) -> Tensor:
    scaled = row.clone()
    for spec, (start, stop) in zip(layout.specs, layout.bounds, strict=True):
        if spec.layer == layer and spec.role == "weight":
            scaled[start:stop] *= factor
    return scaled
