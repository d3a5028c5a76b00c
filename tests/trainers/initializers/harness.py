"""Parameter declarations to initialise."""

from math import prod

import torch
from torch import Tensor

from trainers.initializers import Initializer
from trainers.layout import ParameterSpec, Role
from trainers.seeds import generator


def dense(fan_out: int, fan_in: int, role: Role = "weight", **more: bool) -> ParameterSpec:
    """The weight (out, in) of a dense layer."""
    return ParameterSpec("dense1.weight", (fan_out, fan_in), role, "dense1", fan_in, fan_out, **more)


def kernel(channels_out: int, channels_in: int, *size: int) -> ParameterSpec:
    """The weight (out, in, *size) of a convolution."""
    field = prod(size)
    shape = (channels_out, channels_in, *size)
    return ParameterSpec("conv1.weight", shape, "weight", "conv1", channels_in * field, channels_out * field)


def draw(init: Initializer, spec: ParameterSpec, seed: int = 0) -> Tensor:
    """One tensor of `spec.shape`."""
    return init.weight(spec, generator(seed, "init"))


def draw_with_torch(fill: object, spec: ParameterSpec, seed: int = 0) -> Tensor:
    """The same shape filled by a function of `torch.nn.init`."""
    assert callable(fill)
    tensor = torch.empty(spec.shape, dtype=torch.float64)
    fill(tensor, generator=generator(seed, "torch"))
    return tensor
