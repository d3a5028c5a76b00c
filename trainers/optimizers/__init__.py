"""Optimizers: one flat update for all members of a pack."""

from typing import Annotated

from pydantic import Field

from trainers.optimizers.adam import Adam, AdamW
from trainers.optimizers.base import Optimizer, StackedOptimizer
from trainers.optimizers.sgd import SGD, Momentum, Nesterov

OptimizerConfig = Annotated[SGD | Momentum | Nesterov | Adam | AdamW, Field(discriminator="kind")]

__all__ = [
    "SGD", "Adam", "AdamW", "Momentum", "Nesterov", "Optimizer", "OptimizerConfig", "StackedOptimizer",
]  # fmt: skip
