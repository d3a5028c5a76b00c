"""Plain single-model functions, applied to every member of a pack."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor


def each_member(function: Callable[..., Tensor], inputs: Tensor, *params: Tensor | None) -> Tensor:
    """Stack `function(inputs[k], *params[k])` over the members k, giving (K, B, ...).

    `inputs` (K or 1, B, ...) may be shared, `params` are (K, ...) or None. On a CPU members take turns, so
    that one member's activations stay in the cache and a convolution costs what it costs alone; on an
    accelerator they are vectorised, which makes one grouped convolution of them.
    """
    K = next(len(param) for param in params if param is not None)
    if K == 1:
        return function(inputs.squeeze(0), *(_first(param) for param in params)).unsqueeze(0)
    if inputs.device.type != "cpu":
        return _vectorised(function, inputs, *params)
    members = inputs.expand(K, *inputs.shape[1:]).unbind()
    rows = zip(members, *(_rows(param, K) for param in params), strict=True)
    return torch.stack([function(*row) for row in rows])


def _first(param: Tensor | None) -> Tensor | None:
    return None if param is None else param.squeeze(0)


def _rows(param: Tensor | None, K: int) -> tuple[Tensor | None, ...]:
    return (None,) * K if param is None else param.unbind()


def _vectorised(function: Callable[..., Tensor], inputs: Tensor, *params: Tensor | None) -> Tensor:
    shared = len(inputs) == 1
    in_dims: tuple[Any, ...] = (None if shared else 0, *(None if p is None else 0 for p in params))
    apply: Callable[..., Tensor] = torch.func.vmap(function, in_dims)
    return apply(inputs.squeeze(0) if shared else inputs, *params)
