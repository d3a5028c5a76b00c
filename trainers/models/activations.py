"""Elementwise nonlinearities by name."""

from collections.abc import Callable
from typing import Literal

import torch
from torch import Tensor
from torch.nn import functional as F

Activation = Literal["relu", "tanh", "sigmoid", "gelu", "silu", "leaky_relu", "softplus", "linear"]

_FUNCTIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "relu": torch.relu,
    "tanh": torch.tanh,
    "sigmoid": torch.sigmoid,
    "gelu": F.gelu,
    "silu": F.silu,
    "leaky_relu": F.leaky_relu,
    "softplus": F.softplus,
}


def activate(name: Activation, values: Tensor) -> Tensor:
    """The nonlinearity `name` of `values`; `linear` gives them back, `leaky_relu` has slope 0.01."""
    return values if name == "linear" else _FUNCTIONS[name](values)
