"""Initializers: how a trial's parameters start."""

from trainers.initializers.base import Initializer
from trainers.initializers.kaiming import KaimingNormal

InitializerConfig = KaimingNormal

__all__ = ["Initializer", "InitializerConfig", "KaimingNormal"]
