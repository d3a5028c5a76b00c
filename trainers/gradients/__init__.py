"""Gradient transforms: what is done to gradients before clipping."""

from trainers.gradients.base import GradientKind, GradientTransform
from trainers.gradients.offset import ConstantOffset

GradientConfig = ConstantOffset

__all__ = ["ConstantOffset", "GradientConfig", "GradientKind", "GradientTransform"]
