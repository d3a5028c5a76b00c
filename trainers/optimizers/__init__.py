"""Optimizers: one flat update for all members of a pack."""

from typing import Annotated

from pydantic import Field

from trainers.optimizers.adadelta import Adadelta
from trainers.optimizers.adagrad import Adagrad
from trainers.optimizers.adam import Adam, AdamW
from trainers.optimizers.base import Optimizer, StackedOptimizer
from trainers.optimizers.gadam import Gadam
from trainers.optimizers.lion import Lion
from trainers.optimizers.nadam import NAdam
from trainers.optimizers.radam import RAdam
from trainers.optimizers.rmsprop import RMSprop
from trainers.optimizers.sgd import SGD, Momentum, Nesterov
from trainers.optimizers.stable_adamw import StableAdamW

OptimizerConfig = Annotated[
    SGD
    | Momentum
    | Nesterov
    | Adam
    | AdamW
    | NAdam
    | RAdam
    | RMSprop
    | Adagrad
    | Adadelta
    | Lion
    | StableAdamW
    | Gadam,
    Field(discriminator="kind"),
]

__all__ = [
    "SGD", "Adadelta", "Adagrad", "Adam", "AdamW", "Gadam", "Lion", "Momentum", "NAdam", "Nesterov",
    "Optimizer", "OptimizerConfig", "RAdam", "RMSprop", "StableAdamW", "StackedOptimizer",
]  # fmt: skip
