"""Elementwise nonlinearities by name."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Literal

from trainers.late import functional, torch

if TYPE_CHECKING:
    from torch import Tensor

Activation = Literal["relu", "tanh", "sigmoid", "gelu", "silu", "leaky_relu", "softplus", "linear"]

MONOTONE: frozenset[Activation] = frozenset({"relu", "tanh", "sigmoid", "leaky_relu", "softplus", "linear"})
"""Activations that commute with a maximum, so that pooling can go first and leave them less to do."""


def activate(name: Activation, values: Tensor) -> Tensor:
    """The nonlinearity `name` of `values`; `linear` gives them back, `leaky_relu` has slope 0.01.

    NaN stays NaN.
    """
    return values if name == "linear" else _functions()[name](values)


@cache
def _functions() -> dict[Activation, Callable[[Tensor], Tensor]]:
    return {
        "relu": torch.relu,
        "tanh": torch.tanh,
        "sigmoid": torch.sigmoid,
        "gelu": functional.gelu,
        "silu": functional.silu,
        "leaky_relu": functional.leaky_relu,
        "softplus": functional.softplus,
    }
