"""Gains that keep the variance of a signal through a nonlinearity."""

from math import sqrt
from typing import Literal

Nonlinearity = Literal["relu", "leaky_relu", "tanh", "sigmoid", "selu", "linear"]

GAINS: dict[Nonlinearity, float] = {
    "relu": sqrt(2.0),
    "leaky_relu": sqrt(2.0 / (1 + 0.01**2)),
    "tanh": 5.0 / 3,
    "sigmoid": 1.0,
    "selu": 3.0 / 4,
    "linear": 1.0,
}
"""As `torch.nn.init.calculate_gain` has them."""
