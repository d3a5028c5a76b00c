"""Layers over all members of a pack at once: K members, B examples, few kernel launches."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trainers.late import functional, late, torch

if TYPE_CHECKING:
    from torch import Tensor

    from trainers.models import affine
else:
    affine = late("trainers.models.affine")


def linear(inputs: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """Affine map (K, B, out) of `inputs` (K or 1, B, in) by `weight` (K, out, in) and `bias` (K, out)."""
    found: Tensor = affine.Affine.apply(inputs, weight, bias)  # type: ignore[no-untyped-call]
    return found


def linear_steps(inputs: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """Affine map (K, B, T, out) of every step of `inputs` (K or 1, B, T, in)."""
    return linear(inputs.flatten(1, 2), weight, bias).view(len(weight), *inputs.shape[1:3], -1)


def lookup(tokens: Tensor, table: Tensor) -> Tensor:
    """Rows (K, ..., D) of each member's `table` (K, V, D) for `tokens` (K or 1, ...)."""
    K, V, D = table.shape
    firsts = torch.arange(0, K * V, V, device=tokens.device).view(K, *[1] * (tokens.ndim - 1))
    return functional.embedding(tokens + firsts, table.reshape(K * V, D))


FEW_CHANNELS = 4
"""Images of up to so many channels are convolved as products with their patches on an accelerator.

Grouped convolutions, which those of all members are, are slow for few channels: forward and back, 45 µs a
member against 27 µs (64 images of 28×28, 32 kernels of 3×3, H200).
"""


def image_conv(
    images: Tensor, weight: Tensor, bias: Tensor | None, *, stride: int = 1, padding: int = 0
) -> Tensor:
    """Convolve one member's `images` (B, H, W, C) by `weight` (out, C, k, k), giving (B, H', W', out)."""
    if weight.shape[1] <= FEW_CHANNELS and images.device.type != "cpu":
        return patch_conv(images, weight, bias, stride=stride, padding=padding)
    return functional.conv2d(images.permute(0, 3, 1, 2), weight, bias, stride, padding).permute(0, 2, 3, 1)


def patch_conv(
    images: Tensor, weight: Tensor, bias: Tensor | None, *, stride: int = 1, padding: int = 0
) -> Tensor:
    """What `image_conv` gives, as a product of every patch of the images with the kernels."""
    size = weight.shape[-1]
    padded = functional.pad(images, (0, 0, padding, padding, padding, padding)) if padding else images
    patches = padded.unfold(1, size, stride).unfold(2, size, stride)  # (B, H', W', C, k, k)
    kernels = weight.flatten(1).mT.expand(len(images), -1, -1)  # of each image: short sums over many are fast
    found = patches.flatten(3).flatten(1, 2) @ kernels
    found = found if bias is None else found + bias
    return found.view(*patches.shape[:3], -1)


def image_max_pool(images: Tensor, size: int) -> Tensor:
    """Maximum over `size` × `size` windows of one member's `images` (B, H, W, C)."""
    if size == 1:
        return images
    return functional.max_pool2d(images.permute(0, 3, 1, 2), size).permute(0, 2, 3, 1)
