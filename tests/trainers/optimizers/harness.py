"""Runs a stacked optimizer beside torch's own on the same made-up gradients."""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import torch
from torch import Tensor

from trainers.layout import ParameterLayout, ParameterSpec
from trainers.optimizers import Optimizer

LAYOUT = ParameterLayout(
    (
        ParameterSpec("dense1.weight", (5, 4), "weight", "dense1", 4, 5),
        ParameterSpec("dense1.bias", (5,), "bias", "dense1", 4, 5),
        ParameterSpec("output.weight", (2, 5), "weight", "output", 5, 2, True),
    )
)
TorchOptimizer = Callable[[Any], torch.optim.Optimizer]
"""Makes an optimizer of tensors or of parameter groups."""


def start(num_members: int, seed: int = 0) -> Tensor:
    """Initial parameters (K, P) in float64."""
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(num_members, LAYOUT.size, generator=generator, dtype=torch.float64)


def gradient(params: Tensor, step: int, member: int = 0) -> Tensor:
    """A gradient (..., P) that depends on the parameters, so that one wrong step shows in all later ones."""
    generator = torch.Generator().manual_seed(1000 * member + step)
    noise = torch.randn(LAYOUT.size, generator=generator, dtype=torch.float64)
    return torch.sin(3 * params) + noise * (1 + step % 7)


def train_stacked(
    optimizers: Sequence[Optimizer], num_steps: int, params: Tensor, factors: Tensor | None = None
) -> list[Tensor]:
    """Parameters (K, P) after each step of one stack, whose updates are multiplied by `factors` (K, P)."""
    params = params.clone()
    stacked = type(optimizers[0]).stack(optimizers, LAYOUT, params)
    lr = torch.tensor([[optimizer.lr] for optimizer in optimizers], dtype=params.dtype)
    history = []
    for step in range(num_steps):
        rows = [gradient(row, step, member) for member, row in enumerate(params)]
        delta = stacked.update(params, torch.stack(rows), lr, step)
        params += delta if factors is None else delta * factors
        history.append(params.clone())
    return history


def train_with_torch(
    make: TorchOptimizer,
    num_steps: int,
    row: Tensor,
    member: int = 0,
    rates: Mapping[str, float] = MappingProxyType({}),
) -> list[Tensor]:
    """Parameters (P,) after each step of one of torch's optimizers, on separate tensors.

    The tensors of each layer that `rates` names are a parameter group with that learning rate.
    """
    tensors = [part.reshape(spec.shape).clone() for part, spec in zip(_parts(row), LAYOUT.specs, strict=True)]
    optimizer = make(tensors if not rates else _groups(tensors, rates))
    history = []
    for step in range(num_steps):
        grads = gradient(torch.cat([tensor.flatten() for tensor in tensors]), step, member)
        for tensor, grad in zip(tensors, _parts(grads), strict=True):
            tensor.grad = grad.reshape(tensor.shape).clone()
        optimizer.step()
        history.append(torch.cat([tensor.flatten() for tensor in tensors]))
    return history


def _groups(tensors: list[Tensor], rates: Mapping[str, float]) -> list[dict[str, Any]]:
    groups: dict[str, dict[str, Any]] = {}
    for tensor, spec in zip(tensors, LAYOUT.specs, strict=True):
        own = {"lr": rates[spec.layer]} if spec.layer in rates else {}
        groups.setdefault(spec.layer, {"params": [], **own})["params"].append(tensor)
    return list(groups.values())


def _parts(row: Tensor) -> list[Tensor]:
    return [row[first:stop] for first, stop in LAYOUT.bounds]
