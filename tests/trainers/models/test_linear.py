"""The affine map against torch's, in value, gradient and second gradient."""

import pytest
import torch
from torch import Tensor
from torch.nn import functional

from trainers.models.functional import linear


def draw(*shape: int) -> Tensor:
    return torch.randn(shape, dtype=torch.float64, requires_grad=True)


@pytest.mark.parametrize("K", [1, 3])
@pytest.mark.parametrize("shared", [False, True])
@pytest.mark.parametrize("with_bias", [False, True])
def test_every_member_gets_its_own_map(K: int, shared: bool, with_bias: bool) -> None:
    torch.manual_seed(0)
    inputs, weight = draw(1 if shared else K, 5, 4), draw(K, 3, 4)
    bias = draw(K, 3) if with_bias else None
    leaves = [leaf for leaf in (inputs, weight, bias) if leaf is not None]

    found = linear(inputs, weight, bias)
    expected = torch.stack(
        [
            functional.linear(inputs[0 if shared else k], weight[k], None if bias is None else bias[k])
            for k in range(K)
        ]
    )

    torch.testing.assert_close(found, expected)
    ours = torch.autograd.grad(found.square().sum(), leaves)
    theirs = torch.autograd.grad(expected.square().sum(), leaves)
    for one, other in zip(ours, theirs, strict=True):
        torch.testing.assert_close(one, other)


def test_it_can_be_differentiated_twice() -> None:
    torch.manual_seed(0)
    assert torch.autograd.gradgradcheck(linear, (draw(2, 3, 4), draw(2, 2, 4), draw(2, 2)))


def test_gradients_of_weights_come_in_the_order_of_the_weights() -> None:
    inputs, weight, bias = draw(3, 5, 4), draw(3, 2, 4), draw(3, 2)
    (gradient,) = torch.autograd.grad(linear(inputs, weight, bias).sum(), [weight])
    assert gradient.is_contiguous()
