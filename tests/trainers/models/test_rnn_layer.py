"""The compiled recurrent layer against the same in torch, in double precision."""

import numpy as np
import pytest
import torch
from torch import Tensor

from trainers.models import _rnn_layer, rnn_layer
from trainers.models.activations import Activation
from trainers.models.functional import linear_steps
from trainers.models.rnn import plain_states

ACTIVATIONS = pytest.mark.parametrize("activation", rnn_layer.ACTIVATIONS)
SIZES = [
    (3, 5, 4, 2, 50),
    (1, 1, 1, 1, 1),
    (2, 4, 5, 9, 8),
    (2, 3, 6, 24, 23),
    (1, 2, 7, 128, 128),
    (2, 3, 3, 17, 9),
]
SHAPES = pytest.mark.parametrize(("K", "T", "B", "d", "n"), SIZES, ids=str)


def drawn(*shape: int, scale: float = 1.0) -> Tensor:
    """Normal numbers that float32 holds."""
    return scale * torch.randn(*shape, generator=torch.Generator().manual_seed(sum(shape)))


def given(K: int, T: int, B: int, d: int, n: int, members: int | None = None) -> list[Tensor]:
    """Inputs, weight, bias and recurrent weights."""
    return [
        drawn(K if members is None else members, T, B, d),
        drawn(K, n, d, scale=d**-0.5),
        drawn(K, n, scale=0.3),
        drawn(K, n, n, scale=n**-0.5),
    ]


def exactly(tensors: list[Tensor], activation: Activation) -> tuple[list[Tensor], Tensor]:
    """Leaves in double precision, and the states from them."""
    leaves = [value.double().requires_grad_() for value in tensors]
    inputs, weight, bias, recurrent = leaves
    return leaves, plain_states(linear_steps(inputs, weight, bias), recurrent, activation)


def test_what_is_used_here_is_compiled() -> None:
    assert rnn_layer.IS_COMPILED, "no C compiler was found when gradsweep was installed"


@ACTIVATIONS
@SHAPES
@pytest.mark.parametrize("reads", ["states", "last", "both"])
def test_states_and_gradients_are_those_of_torch(
    activation: Activation, K: int, T: int, B: int, d: int, n: int, reads: str
) -> None:
    tensors = given(K, T, B, d, n)
    leaves = [value.clone().requires_grad_() for value in tensors]
    states, last = rnn_layer.rnn_layer(*leaves, activation)
    exact_leaves, exact = exactly(tensors, activation)
    of_states = torch.zeros(K, T, B, n) if reads == "last" else drawn(K, T, B, n)
    of_last = torch.zeros(K, B, n) if reads == "states" else drawn(K, B, n)
    loss = {
        "states": lambda: (states * of_states).sum(),
        "last": lambda: (last * of_last).sum(),
        "both": lambda: (states * of_states).sum() + (last * of_last).sum(),
    }[reads]()

    found = torch.autograd.grad(loss, leaves)

    torch.testing.assert_close(states.double(), exact, rtol=1e-5, atol=1e-5)
    torch.testing.assert_close(last, states[:, -1], rtol=0, atol=0)
    exact_loss = (exact * of_states).sum() + (exact[:, -1] * of_last).sum()
    expected = torch.autograd.grad(exact_loss, exact_leaves, materialize_grads=True)
    for ours, theirs in zip(found, expected, strict=True):
        scale = float(theirs.abs().max())
        torch.testing.assert_close(ours.double(), theirs, rtol=1e-4, atol=1e-5 * scale + 1e-12)


def test_inputs_that_all_members_share_are_read_by_each() -> None:
    inputs, weight, bias, recurrent = given(3, 4, 5, 2, 6, members=1)
    shared, _ = rnn_layer.rnn_layer(inputs, weight, bias, recurrent, "tanh")
    own, _ = rnn_layer.rnn_layer(inputs.expand(3, -1, -1, -1), weight, bias, recurrent, "tanh")
    assert torch.equal(shared, own)
    leaf = inputs.clone().requires_grad_()
    (found,) = torch.autograd.grad(
        rnn_layer.rnn_layer(leaf, weight, bias, recurrent, "tanh")[1].sum(), [leaf]
    )
    leaves, exact = exactly([inputs, weight, bias, recurrent], "tanh")
    (expected,) = torch.autograd.grad(exact[:, -1].sum(), leaves[:1])
    torch.testing.assert_close(found.double(), expected, rtol=1e-4, atol=1e-5)


def test_a_member_does_not_depend_on_the_others() -> None:
    tensors = given(4, 6, 5, 3, 10)
    together, _ = rnn_layer.rnn_layer(*tensors, "tanh")
    for member in range(4):
        alone, _ = rnn_layer.rnn_layer(*(value[member : member + 1] for value in tensors), "tanh")
        assert torch.equal(alone[0], together[member])


@ACTIVATIONS
@pytest.mark.parametrize("T", [1, 4])
def test_second_derivatives_are_those_of_torch(activation: Activation, T: int) -> None:
    tensors = given(2, T, 3, 2, 5)
    leaves = [value.clone().requires_grad_() for value in tensors]
    exact_leaves, exact = exactly(tensors, activation)
    spread = [torch.stack([leaf, leaf], dim=-1)[..., 0] for leaf in leaves]  # none of them contiguous
    states, last = rnn_layer.rnn_layer(*spread, activation)

    def curvature(loss: Tensor, of: list[Tensor]) -> tuple[Tensor, ...]:
        first = torch.autograd.grad(loss, of, create_graph=True, materialize_grads=True)
        total = torch.stack([value.square().sum() for value in first]).sum()
        return torch.autograd.grad(total, of, materialize_grads=True)

    ours = curvature(states.square().sum() + last.square().sum(), leaves)
    theirs = curvature(exact.square().sum() + exact[:, -1].square().sum(), exact_leaves)
    for one, other in zip(ours, theirs, strict=True):
        scale = float(other.abs().max())
        torch.testing.assert_close(one.double(), other, rtol=1e-3, atol=1e-4 * scale)


def test_tanh_is_the_nearest_float_or_its_neighbour() -> None:
    sizes = np.geomspace(1e-38, 3e38, 40_001)
    values = np.concatenate([-sizes, [0.0], sizes, np.linspace(-10, 10, 400_001)]).astype(np.float32)
    inputs = torch.from_numpy(values)[None, None, :, None]
    one, zero = torch.ones(1, 1, 1), torch.zeros(1, 1)
    states, _ = rnn_layer.rnn_layer(inputs, one, zero, one, "tanh")
    found, expected = states.flatten().numpy(), np.tanh(values.astype(np.float64)).astype(np.float32)
    assert (np.abs(found - expected) <= np.spacing(np.abs(expected))).all()
    assert (np.abs(found[np.abs(values) >= 9.011]) == 1).all()


@pytest.mark.parametrize("size", [9.1, 1e3, 1e30, float("inf")])
def test_what_has_saturated_has_no_gradient(size: float) -> None:
    _, weight, bias, recurrent = given(2, 3, 4, 1, 5)
    leaves = [value.requires_grad_() for value in (weight.sign(), bias * 0, recurrent)]
    _, last = rnn_layer.rnn_layer(torch.full((2, 1, 4, 1), size), *leaves, "tanh")
    assert torch.equal(last.abs(), torch.ones_like(last))
    of_bias = torch.autograd.grad(last.sum(), leaves)[1]
    assert torch.equal(of_bias, torch.zeros_like(of_bias))


@ACTIVATIONS
@pytest.mark.parametrize("bad", [float("nan"), float("inf"), float("-inf")])
def test_what_is_not_finite_goes_where_torch_takes_it(activation: Activation, bad: float) -> None:
    tensors = given(2, 3, 4, 2, 5)
    tensors[0][1, 1, 2, 0] = bad
    leaves = [value.clone().requires_grad_() for value in tensors]
    states, last = rnn_layer.rnn_layer(*leaves, activation)
    exact_leaves, exact = exactly(tensors, activation)
    assert torch.equal(torch.isfinite(states), torch.isfinite(exact))
    torch.testing.assert_close(states.double(), exact, rtol=1e-5, atol=1e-5, equal_nan=True)
    found = torch.autograd.grad(last.square().sum(), leaves)
    expected = torch.autograd.grad(exact[:, -1].square().sum(), exact_leaves)
    for ours, theirs in zip(found, expected, strict=True):
        assert torch.equal(torch.isfinite(ours), torch.isfinite(theirs))


def test_other_types_and_wide_layers_are_left_to_torch() -> None:
    inputs, weight, *_ = given(1, 2, 3, 4, 5)
    assert rnn_layer.suits(inputs, weight, "tanh")
    assert not rnn_layer.suits(inputs, weight, "sigmoid")
    assert not rnn_layer.suits(inputs.double(), weight.double(), "tanh")
    assert not rnn_layer.suits(inputs.bfloat16(), weight.bfloat16(), "tanh")
    assert not rnn_layer.suits(inputs, torch.empty(1, rnn_layer.MAX_SIZE + 1, 4), "tanh")
    assert not rnn_layer.suits(inputs, torch.empty(1, 5, rnn_layer.MAX_SIZE + 1), "tanh")


def test_what_does_not_fit_is_refused_before_memory_is_touched() -> None:
    inputs, weight, bias, recurrent = (value.numpy() for value in given(2, 3, 4, 5, 6))
    states = np.empty((2, 3, 4, 6), np.float32)
    with pytest.raises(TypeError, match="weight: format 'd', expected 'f'"):
        _rnn_layer.forward(inputs, weight.astype(np.float64), bias, recurrent, states, 0)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"bias: 3 dimensions, expected \(Kn\)"):
        _rnn_layer.forward(inputs, weight, bias[None], recurrent, states, 0)
    with pytest.raises(ValueError, match="recurrent: size 5 in dimension 2, expected 6"):
        _rnn_layer.forward(inputs, weight, bias, recurrent[..., :5].copy(), states, 0)
    with pytest.raises(ValueError, match="inputs: 3 members, expected 1 or 2"):
        _rnn_layer.forward(np.empty((3, 3, 4, 5), np.float32), weight, bias, recurrent, states, 0)
    with pytest.raises(ValueError, match="not C-contiguous"):
        _rnn_layer.forward(inputs[..., ::2], weight, bias, recurrent, states, 0)
    with pytest.raises(ValueError, match="activation: 3, expected 0 to 2"):
        _rnn_layer.forward(inputs, weight, bias, recurrent, states, 3)
    with pytest.raises(TypeError, match="forward"):
        _rnn_layer.forward(inputs)  # type: ignore[call-arg]
    states.flags.writeable = False
    with pytest.raises(ValueError, match="read-only"):
        _rnn_layer.forward(inputs, weight, bias, recurrent, states, 0)
    with pytest.raises(TypeError, match="backward"):
        _rnn_layer.backward(None)  # type: ignore[call-arg]
