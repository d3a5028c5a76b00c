"""First and second derivatives of all members' losses at once, apart from the training step's own."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

from trainers.late import torch
from trainers.layout import ParameterLayout
from trainers.models.base import Params

if TYPE_CHECKING:
    from torch import Tensor

Losses: TypeAlias = "Callable[[Params], Tensor]"
"""The loss of each member (K,) at its parameters, each (K, *shape); twice differentiable.

No member's parameters may touch another's loss: so the derivatives of the sum are those of each member.
"""
Product: TypeAlias = "Callable[[Tensor], Tensor]"
"""Multiplies row k of a matrix (K, P) by operator k."""


def gradients(losses: Losses, layout: ParameterLayout, params: Tensor) -> Tensor:
    """The gradient (K, P) of each member's loss at `params` (K, P); zero where a loss does not depend."""
    leaves = _leaves(layout, params)
    with torch.enable_grad():
        total = losses(leaves).sum()
    tensors = torch.autograd.grad(total, list(leaves.values()), materialize_grads=True)
    return torch.cat([tensor.flatten(1) for tensor in tensors], dim=1)


def hessian_product(losses: Losses, layout: ParameterLayout, params: Tensor) -> Product:
    """Multiplies by the Hessian of each member's loss at `params` (K, P).

    The gradient is kept with its graph, so that each product costs one backward pass through it.
    """
    leaves = _leaves(layout, params)
    tensors = list(leaves.values())
    with torch.enable_grad():
        total = losses(leaves).sum()
        slopes = torch.autograd.grad(total, tensors, create_graph=True, materialize_grads=True)

    def product(rows: Tensor) -> Tensor:
        directions = layout.views(rows.contiguous()).values()
        curved = [pair for pair in zip(slopes, directions, strict=True) if pair[0].requires_grad]
        if not curved:
            return torch.zeros_like(rows)
        images = torch.autograd.grad(
            [slope for slope, _ in curved],
            tensors,
            [direction for _, direction in curved],
            retain_graph=True,
            materialize_grads=True,
        )
        return torch.cat([image.flatten(1) for image in images], dim=1)

    return product


def _leaves(layout: ParameterLayout, params: Tensor) -> dict[str, Tensor]:
    """Copies that autograd may differentiate with respect to, whoever else uses the parameters."""
    return {name: view.detach().clone().requires_grad_() for name, view in layout.views(params).items()}
