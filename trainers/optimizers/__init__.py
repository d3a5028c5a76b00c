"""Optimizers: one flat update for all members of a pack."""

from trainers.optimizers.base import Optimizer, StackedOptimizer
from trainers.optimizers.sgd import SGD

OptimizerConfig = SGD

__all__ = ["SGD", "Optimizer", "OptimizerConfig", "StackedOptimizer"]
