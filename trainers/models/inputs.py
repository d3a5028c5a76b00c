"""What a model needs of its inputs, and how inputs are brought into that form."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trainers.data.base import DataShape
from trainers.errors import ConfigError
from trainers.late import torch

if TYPE_CHECKING:
    from torch import Tensor


def image_size(kind: str, shape: DataShape) -> tuple[int, int, int]:
    """Channels, height and width of the examples. Raises `ConfigError` when they are not images."""
    if len(shape.input_shape) != 3 or shape.num_tokens is not None or shape.task == "language":
        raise ConfigError(
            f"model.kind {kind!r} needs images (channels, height, width), but these data give "
            f"{shape.input_shape} for the task {shape.task!r}: use mlp, rnn, lstm, gru or transformer"
        )
    channels, height, width = shape.input_shape
    return channels, height, width


def sequence_size(kind: str, shape: DataShape) -> tuple[int, int]:
    """Steps and numbers per step of the examples; the rows of an image are steps, tokens are one-hot.

    Raises `ConfigError` when examples are not sequences.
    """
    if shape.num_tokens is not None and len(shape.input_shape) == 1:
        return shape.input_shape[0], shape.num_tokens
    if shape.num_tokens is None and len(shape.input_shape) == 2:
        return shape.input_shape[0], shape.input_shape[1]
    if shape.num_tokens is None and len(shape.input_shape) == 3:
        channels, height, width = shape.input_shape
        return height, channels * width
    raise ConfigError(
        f"model.kind {kind!r} needs sequences (steps, numbers), tokens (steps,) or images, but these data "
        f"give {shape.input_shape}: use mlp"
    )


def as_sequences(inputs: Tensor) -> Tensor:
    """Sequences (K, B, T, D) of real inputs; an image (C, H, W) becomes its H rows."""
    return inputs.transpose(2, 3).flatten(3) if inputs.ndim == 5 else inputs


def channels_last(images: Tensor) -> Tensor:
    """Images (K, B, C, H, W) as (K, B, H, W, C), the layout in which CPUs convolve and pool fastest."""
    if images.shape[2] == 1:
        return images.flatten(3).view(*images.shape[:2], *images.shape[3:], 1)
    return images.movedim(2, -1).contiguous()


def one_hot(tokens: Tensor, num_tokens: int, like: Tensor) -> Tensor:
    """Rows of the identity (…, num_tokens) for `tokens` (…), in the dtype of `like`."""
    hot = torch.zeros(*tokens.shape, num_tokens, dtype=like.dtype, device=like.device)
    return hot.scatter_(-1, tokens.unsqueeze(-1), 1.0)
