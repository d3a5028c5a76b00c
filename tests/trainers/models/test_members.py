"""Members that take turns and members that are vectorised compute the same."""

from functools import partial

import pytest
import torch
from torch import Tensor

from trainers.models import Cnn, Resnet
from trainers.models.cnn import conv_block
from trainers.models.members import Single, in_turn, vectorised
from trainers.models.resnet import conv_unit

K, B, H, W, C, OUT = 3, 2, 6, 5, 4, 8


def draw(*shape: int) -> Tensor:
    return torch.randn(*shape, dtype=torch.float64, requires_grad=True)


def cases() -> list[tuple[Single, list[Tensor | None]]]:
    weight, bias, scale, shift = draw(K, OUT, C, 3, 3), draw(K, OUT), draw(K, OUT), draw(K, OUT)
    shortcut = draw(K, B, H, W, C)
    return [
        (partial(conv_block, config=Cnn(), padding=0), [weight, bias]),
        (partial(conv_block, config=Cnn(activation="gelu"), padding=1), [weight, bias]),
        (partial(conv_unit, config=Resnet(norm="none"), stride=1), [weight, bias, None, None, None]),
        (partial(conv_unit, config=Resnet(groups=4), stride=2), [weight, None, scale, shift, None]),
        (partial(conv_unit, config=Resnet(groups=4), stride=2), [weight, None, scale, shift, shortcut]),
    ]


@pytest.mark.parametrize("case", range(5))
@pytest.mark.parametrize("shared", [False, True])
def test_both_ways_give_the_same_outputs_and_gradients(case: int, shared: bool) -> None:
    torch.manual_seed(0)
    function, params = cases()[case]
    images = draw(1 if shared else K, B, H, W, C)
    leaves = [images, *(param for param in params if param is not None)]
    turns, at_once = in_turn(function, images, *params), vectorised(function, images, *params)
    torch.testing.assert_close(turns, at_once)
    slope = torch.randn_like(turns)
    for ours, theirs in zip(
        torch.autograd.grad(turns, leaves, slope), torch.autograd.grad(at_once, leaves, slope), strict=True
    ):
        torch.testing.assert_close(ours, theirs)


@pytest.mark.parametrize("apply", [in_turn, vectorised])
def test_one_member_keeps_its_dimension(apply: Single) -> None:
    doubled = apply(lambda values, factor: values * factor, torch.ones(1, B, 2), torch.full((1, 1), 2.0))
    assert torch.equal(doubled, torch.full((1, B, 2), 2.0))
