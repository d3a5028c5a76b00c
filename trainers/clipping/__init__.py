"""Clip rules: what is done to gradients between the backward pass and the update."""

from typing import Annotated

from pydantic import Field

from trainers.clipping.adagc import AdaGC
from trainers.clipping.agc import Agc
from trainers.clipping.autoclip import AutoClip
from trainers.clipping.base import Clip, Clipped, ClipRule, Gradients
from trainers.clipping.global_norm import GlobalNorm
from trainers.clipping.none import NoClip
from trainers.clipping.normalize import Normalize
from trainers.clipping.per_tensor_norm import PerTensorNorm
from trainers.clipping.skip_step import SkipStep
from trainers.clipping.spikes import SpikeMomentumReset
from trainers.clipping.value import Value
from trainers.clipping.zclip import ZClip

ClipConfig = Annotated[
    NoClip
    | Value
    | PerTensorNorm
    | GlobalNorm
    | Normalize
    | Agc
    | AutoClip
    | ZClip
    | AdaGC
    | SpikeMomentumReset
    | SkipStep,
    Field(discriminator="kind"),
]

__all__ = [
    "AdaGC", "Agc", "AutoClip", "Clip", "ClipConfig", "ClipRule", "Clipped", "GlobalNorm", "Gradients",
    "NoClip", "Normalize", "PerTensorNorm", "SkipStep", "SpikeMomentumReset", "Value", "ZClip",
]  # fmt: skip
