"""Clip rules: what is done to gradients between the backward pass and the update."""

from trainers.clipping.base import Clip, Clipped, ClipRule, Gradients
from trainers.clipping.none import NoClip

ClipConfig = NoClip

__all__ = ["Clip", "ClipConfig", "ClipRule", "Clipped", "Gradients", "NoClip"]
