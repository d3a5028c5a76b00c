"""Gradient transforms: what is done to gradients before clipping."""

from typing import Annotated

from pydantic import Field

from trainers.gradients.average import UpdateEma
from trainers.gradients.base import GradientKind, GradientTransform
from trainers.gradients.centralisation import Centralisation
from trainers.gradients.noise import GradientNoise
from trainers.gradients.offset import ConstantOffset

GradientConfig = Annotated[
    GradientNoise | Centralisation | ConstantOffset | UpdateEma, Field(discriminator="kind")
]

__all__ = [
    "Centralisation", "ConstantOffset", "GradientConfig", "GradientKind", "GradientNoise",
    "GradientTransform", "UpdateEma",
]  # fmt: skip
