"""Normalisations over the features of one example, which need no other example of the batch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from trainers.late import functional, torch
from trainers.layout import ParameterSpec
from trainers.models.base import Params

if TYPE_CHECKING:
    from torch import Tensor

Norm = Literal["none", "layer_norm", "rms_norm"]
EPSILON = 1e-5
"""Added to the variance, as `torch.nn.LayerNorm` does."""


def norm_specs(norm: Norm, name: str, size: int, layer: str, *, branch: str = "") -> list[ParameterSpec]:
    """Gain and, for layer norm, shift over `size` features; nothing for `none`."""
    if norm == "none":
        return []
    gain = ParameterSpec(f"{name}.scale", (size,), "scale", layer, size, size, branch=branch)
    if norm == "rms_norm":
        return [gain]
    return [gain, ParameterSpec(f"{name}.shift", (size,), "bias", layer, size, size, branch=branch)]


def normalise(norm: Norm, name: str, params: Params, values: Tensor) -> Tensor:
    """Normalise `values` (K, ..., D) over their last dimension and apply the member's gain and shift (K, D).

    Layer norm as arXiv 1607.06450, RMS norm as arXiv 1910.07467. A constant row becomes the shift.
    """
    if norm == "none":
        return values
    size = values.shape[-1:]
    gain = _spread(params[f"{name}.scale"], values)
    if norm == "rms_norm":
        return functional.rms_norm(values, size, eps=EPSILON) * gain
    return torch.addcmul(_spread(params[f"{name}.shift"], values), functional.layer_norm(values, size), gain)


def _spread(features: Tensor, values: Tensor) -> Tensor:
    K, D = features.shape
    return features.view(K, *[1] * (values.ndim - 2), D)
