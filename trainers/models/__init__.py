"""Models over all members of a pack at once, chosen by `kind`."""

from trainers.models.base import ModelConfig as ModelBase
from trainers.models.mlp import Mlp

ModelConfig = Mlp

__all__ = ["Mlp", "ModelBase", "ModelConfig"]
