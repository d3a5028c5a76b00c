"""What augmentations share: checks and shapes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trainers.data.base import DataShape
from trainers.errors import ConfigError

if TYPE_CHECKING:
    from torch import Tensor


def broadcast(values: Tensor, like: Tensor) -> Tensor:
    """Values (K, 1) of the members in a shape that multiplies `like` (K, ...)."""
    return values.view(-1, *[1] * (like.dim() - 1))


def unfit_tokens(kind: str, shape: DataShape) -> str | None:
    """What to say where inputs are tokens and `kind` needs numbers."""
    return None if shape.num_tokens is None else f"{kind} needs inputs that are numbers, not tokens"


def unfit_images(kind: str, shape: DataShape) -> str | None:
    """What to say where examples are no images and `kind` needs them."""
    if len(shape.input_shape) == 3:
        return None
    return f"{kind} needs images (C, H, W), and these data give {shape.input_shape}"


def unfit_boxes(kind: str, shape: DataShape) -> str | None:
    """What to say where targets are boxes, which `kind` would leave where they were."""
    return f"{kind} does not move the boxes of a detection" if shape.task == "detection" else None


def need_numbers(inputs: Tensor, kind: str) -> None:
    """Raise `ConfigError` when inputs are tokens."""
    if not inputs.is_floating_point():
        raise ConfigError(f"{kind} needs inputs that are numbers, not tokens; leave it out")


def need_images(inputs: Tensor, kind: str, num_members: int) -> Tensor:
    """Images (K, B, C, H, W), also of members that share them; raises `ConfigError` for anything else."""
    if inputs.dim() != 5:
        raise ConfigError(f"{kind} needs images (C, H, W), got examples of shape {tuple(inputs.shape[2:])}")
    return inputs.expand(num_members, *inputs.shape[1:])
