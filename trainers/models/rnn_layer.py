"""A layer of a plain recurrent network in one piece, compiled (`rnn_layer.c`) for float32 on a CPU.

Products of general libraries fetch a member's weights and state anew at every step; here they stay in the
processor's first cache, and what goes into the nonlinearities is never written down.
"""

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from trainers.models.activations import Activation
from trainers.models.functional import linear_steps
from trainers.models.rnn import plain_states

try:
    from trainers.models import _rnn_layer
except ImportError:
    _rnn_layer = None  # type: ignore[assignment]

MAX_SIZE = 128
"""Units or inputs of a layer from which on a general product is as fast."""
ACTIVATIONS: tuple[Activation, ...] = ("tanh", "relu", "linear")
"""The nonlinearities of `rnn_layer.c`, in its order."""
IS_COMPILED = _rnn_layer is not None


class RnnLayer(torch.autograd.Function):
    """States (K, T, B, n) and the last of them (K, B, n) of `inputs` (K or 1, T, B, d).

    From `weight` (K, n, d), `bias` (K, n) and `recurrent` (K, n, n), as `torch.nn.RNN`. Whoever needs the
    last state only saves the gradients of all others. Second derivatives go through `plain_states`.
    """

    @staticmethod
    def forward(
        ctx: Any, inputs: Tensor, weight: Tensor, bias: Tensor, recurrent: Tensor, activation: Activation
    ) -> tuple[Tensor, Tensor]:
        """All states, and the last."""
        given = inputs, weight, bias, recurrent
        states = inputs.new_empty(len(weight), *inputs.shape[1:3], weight.shape[1])
        x, w, b, u = (_array(value) for value in given)
        _rnn_layer.forward(x, w, b, u, states.numpy(), ACTIVATIONS.index(activation))
        ctx.activation = activation
        ctx.save_for_backward(*given, states)
        ctx.set_materialize_grads(False)
        return states, states[:, -1].clone()

    @staticmethod
    def backward(ctx: Any, *grads: Tensor | None) -> tuple[Tensor | None, ...]:
        """Gradients of inputs, weight, bias and recurrent weights."""
        *given, states = ctx.saved_tensors
        if torch.is_grad_enabled():
            return *_twice_differentiable(given, grads, ctx.activation), None
        inputs, weight, _, recurrent = given
        of_inputs = torch.empty_like(inputs) if ctx.needs_input_grad[0] else None
        of_weight, of_bias, of_recurrent = (value.new_empty(value.shape) for value in given[1:])
        of_states, of_last = (None if grad is None else _array(grad) for grad in grads)
        _rnn_layer.backward(
            of_states,
            of_last,
            _array(inputs),
            _array(weight),
            _array(recurrent),
            _array(states),
            None if of_inputs is None else of_inputs.numpy(),
            of_weight.numpy(),
            of_bias.numpy(),
            of_recurrent.numpy(),
            ACTIVATIONS.index(ctx.activation),
        )
        return of_inputs, of_weight, of_bias, of_recurrent, None


def _array(tensor: Tensor) -> NDArray[np.float32]:
    array: NDArray[np.float32] = tensor.detach().contiguous().numpy()
    return array


def _twice_differentiable(
    given: list[Tensor], grads: tuple[Tensor | None, ...], activation: Activation
) -> tuple[Tensor | None, ...]:
    inputs, weight, bias, recurrent = given
    states = plain_states(linear_steps(inputs, weight, bias), recurrent, activation)
    wanted = [value for value in given if value.requires_grad]
    pairs = [pair for pair in zip((states, states[:, -1]), grads, strict=True) if pair[1] is not None]
    outputs, weights = zip(*pairs, strict=True)
    # A single step makes no use of recurrent weights.
    found = iter(torch.autograd.grad(outputs, wanted, weights, create_graph=True, materialize_grads=True))
    return tuple(next(found) if value.requires_grad else None for value in given)


def suits(inputs: Tensor, weight: Tensor, activation: Activation) -> bool:
    """Whether a layer with this `weight` (K, n, d) is found here, for `inputs` (K or 1, T, B, d)."""
    is_floats = inputs.dtype == weight.dtype == torch.float32 and weight.device.type == "cpu"
    return IS_COMPILED and is_floats and max(weight.shape[1:]) <= MAX_SIZE and activation in ACTIVATIONS


def rnn_layer(
    inputs: Tensor, weight: Tensor, bias: Tensor, recurrent: Tensor, activation: Activation
) -> tuple[Tensor, Tensor]:
    """All states (K, T, B, n), and the last (K, B, n); see `RnnLayer`."""
    if inputs.requires_grad:
        inputs = inputs.expand(len(weight), -1, -1, -1)
    states, last = RnnLayer.apply(inputs.contiguous(), weight, bias, recurrent, activation)  # type: ignore[no-untyped-call]
    return states, last
