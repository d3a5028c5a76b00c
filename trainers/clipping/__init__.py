"""Clip rules: what is done to gradients between the backward pass and the update."""

from typing import Annotated

from pydantic import Field

from trainers.clipping.base import Clip, Clipped, ClipRule, Gradients
from trainers.clipping.global_norm import GlobalNorm
from trainers.clipping.none import NoClip
from trainers.clipping.normalize import Normalize
from trainers.clipping.per_tensor_norm import PerTensorNorm
from trainers.clipping.value import Value

ClipConfig = Annotated[NoClip | Value | PerTensorNorm | GlobalNorm | Normalize, Field(discriminator="kind")]

__all__ = [
    "Clip", "ClipConfig", "ClipRule", "Clipped", "GlobalNorm", "Gradients", "NoClip", "Normalize",
    "PerTensorNorm", "Value",
]  # fmt: skip
