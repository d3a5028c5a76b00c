"""Convolving as a product with patches gives what convolving gives."""

import pytest
import torch
from torch.autograd.functional import hvp

from trainers.models.functional import image_conv, patch_conv
from trainers.models.members import in_turn, vectorised


def drawn(*shape: int) -> torch.Tensor:
    return torch.randn(*shape, dtype=torch.float64, generator=torch.Generator().manual_seed(len(shape)))


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize(
    ("size", "stride", "padding"), [(3, 1, 0), (3, 1, 1), (3, 2, 1), (1, 1, 0), (5, 3, 2)]
)
@pytest.mark.parametrize("has_bias", [True, False])
def test_products_with_patches_are_convolutions(
    channels: int, size: int, stride: int, padding: int, has_bias: bool
) -> None:
    images, weight = drawn(4, 9, 8, channels), drawn(6, channels, size, size)
    bias = drawn(6) if has_bias else None
    found = patch_conv(images, weight, bias, stride=stride, padding=padding)
    torch.testing.assert_close(found, image_conv(images, weight, bias, stride=stride, padding=padding))


@pytest.mark.parametrize("shared", [True, False])
def test_all_members_at_once_are_each_in_turn(shared: bool) -> None:
    images, weight, bias = drawn(1 if shared else 3, 4, 8, 8, 2), drawn(3, 5, 2, 3, 3), drawn(3, 5)
    torch.testing.assert_close(
        vectorised(patch_conv, images, weight, bias), in_turn(image_conv, images, weight, bias)
    )


def test_second_derivatives_are_those_of_convolutions() -> None:
    images, weight, along = drawn(2, 6, 6, 1), drawn(3, 1, 3, 3), drawn(3, 1, 3, 3).flip(0)
    _, found = hvp(lambda w: patch_conv(images, w, None).tanh().sum(), weight, along)
    _, expected = hvp(lambda w: image_conv(images, w, None).tanh().sum(), weight, along)
    torch.testing.assert_close(found, expected)
