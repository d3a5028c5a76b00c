"""Elementwise nonlinearities by name."""

from collections.abc import Callable
from typing import Literal

import torch
from torch import Tensor
from torch.nn import functional

Activation = Literal["relu", "tanh", "sigmoid", "gelu", "silu", "leaky_relu", "softplus", "linear"]

_FUNCTIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "relu": torch.relu,
    "tanh": torch.tanh,
    "sigmoid": torch.sigmoid,
    "gelu": functional.gelu,
    "silu": functional.silu,
    "leaky_relu": functional.leaky_relu,
    "softplus": functional.softplus,
}

MONOTONE: frozenset[Activation] = frozenset({"relu", "tanh", "sigmoid", "leaky_relu", "softplus", "linear"})
"""Activations that commute with a maximum, so that pooling can go first and leave them less to do."""


def activate(name: Activation, values: Tensor) -> Tensor:
    """The nonlinearity `name` of `values`; `linear` gives them back, `leaky_relu` has slope 0.01.

    NaN stays NaN.
    """
    return values if name == "linear" else _FUNCTIONS[name](values)
