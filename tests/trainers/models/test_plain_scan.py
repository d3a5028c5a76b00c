"""The plain recurrence's own backward pass, against autograd through its steps."""

import pytest
import torch
from torch import Tensor

from trainers.models.activations import Activation
from trainers.models.rnn import SLOPES, PlainScan, plain_states

K, T, B, N = 2, 5, 3, 4


def drawn(*shape: int) -> Tensor:
    return torch.randn(*shape, dtype=torch.float64, generator=torch.Generator().manual_seed(sum(shape)))


def scan(activation: Activation, projected: Tensor, recurrent: Tensor) -> Tensor:
    states: Tensor = PlainScan.apply(projected, recurrent, activation)  # type: ignore[no-untyped-call]
    return states


@pytest.mark.parametrize("activation", SLOPES)
def test_gradients_are_those_of_autograd_to_rounding(activation: Activation) -> None:
    inputs = [drawn(K, T, B, N).requires_grad_(), drawn(K, N, N).requires_grad_()]
    weights = drawn(K, T, B, N)
    ours = torch.autograd.grad((scan(activation, *inputs) * weights).sum(), inputs)
    theirs = torch.autograd.grad((plain_states(*inputs, activation) * weights).sum(), inputs)
    torch.testing.assert_close(ours, theirs, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("activation", ["tanh", "sigmoid", "linear"])
def test_second_derivatives_are_right(activation: Activation) -> None:
    inputs = (drawn(K, T, B, N).requires_grad_(), (0.5 * drawn(K, N, N)).requires_grad_())
    assert torch.autograd.gradgradcheck(lambda *given: scan(activation, *given), inputs)


def test_a_sequence_of_one_step_has_no_recurrence() -> None:
    projected, recurrent = drawn(K, 1, B, N).requires_grad_(), drawn(K, N, N).requires_grad_()
    of_projected, of_recurrent = torch.autograd.grad(
        scan("linear", projected, recurrent).sum(), (projected, recurrent)
    )
    assert torch.equal(of_projected, torch.ones_like(projected))
    assert torch.equal(of_recurrent, torch.zeros_like(recurrent))


def test_infinite_states_give_gradients_that_are_not_finite() -> None:
    projected = torch.full((1, 2, 1, 1), 1e308, dtype=torch.float64, requires_grad=True)
    recurrent = torch.full((1, 1, 1), 10.0, dtype=torch.float64, requires_grad=True)
    (of_recurrent,) = torch.autograd.grad(scan("linear", projected, recurrent).square().sum(), [recurrent])
    assert not torch.isfinite(of_recurrent).any()
