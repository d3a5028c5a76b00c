"""Plain single-model functions, applied to every member of a pack."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

from trainers.late import torch

if TYPE_CHECKING:
    from torch import Tensor

Single: TypeAlias = "Callable[..., Tensor]"
"""A function of one member: inputs (B, ...) and its parameters, some of which may be None, give (B, ...)."""


def each_member(function: Single, inputs: Tensor, *params: Tensor | None) -> Tensor:
    """Stack `function(inputs[k], *params[k])` over the members k, giving (K, B, ...).

    `inputs` (K or 1, B, ...) may be shared, `params` are (K, ...) or None. On a CPU members take turns, on an
    accelerator they are vectorised.
    """
    apply = in_turn if inputs.device.type == "cpu" else vectorised
    return apply(function, inputs, *params)


def in_turn(function: Single, inputs: Tensor, *params: Tensor | None) -> Tensor:
    """One member after another: activations stay in the cache, a convolution costs what it costs alone."""
    K = _num_members(params)
    if K == 1:
        return function(inputs.squeeze(0), *(None if p is None else p.squeeze(0) for p in params)).unsqueeze(
            0
        )
    members = inputs.expand(K, *inputs.shape[1:]).unbind()
    rows = zip(members, *((None,) * K if p is None else p.unbind() for p in params), strict=True)
    return torch.stack([function(*row) for row in rows])


def vectorised(function: Single, inputs: Tensor, *params: Tensor | None) -> Tensor:
    """All members in one call, which makes one grouped convolution of theirs."""
    shared = len(inputs) == 1 and _num_members(params) > 1
    in_dims = (None if shared else 0, *(None if param is None else 0 for param in params))
    apply: Single = torch.func.vmap(function, in_dims)
    return apply(inputs.squeeze(0) if shared else inputs, *params)


def _num_members(params: tuple[Tensor | None, ...]) -> int:
    return next(len(param) for param in params if param is not None)
