"""The plain recurrence over all steps, with a backward pass of its own."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from trainers.models.activations import Activation, activate

Slope = Callable[[Tensor, Tensor], Tensor]
"""The gradient of what went into a nonlinearity, in the place of that of what came out; and what came out."""


def _tanh_slope(grad: Tensor, state: Tensor) -> Tensor:
    torch.ops.aten.tanh_backward.grad_input(grad, state, grad_input=grad)
    return grad


def _sigmoid_slope(grad: Tensor, state: Tensor) -> Tensor:
    torch.ops.aten.sigmoid_backward.grad_input(grad, state, grad_input=grad)
    return grad


def _relu_slope(grad: Tensor, state: Tensor) -> Tensor:
    torch.ops.aten.threshold_backward.grad_input(grad, state, 0, grad_input=grad)
    return grad


SLOPES: dict[Activation, Slope] = {
    "tanh": _tanh_slope,
    "sigmoid": _sigmoid_slope,
    "relu": _relu_slope,
    "linear": lambda grad, _state: grad,
}
"""Nonlinearities whose slope follows from their value, so that only states have to be kept."""


class PlainScan(torch.autograd.Function):
    """States (K, T, B, n) from `projected` inputs (K, T, B, n) and `recurrent` weights (K, n, n).

    As `torch.nn.RNN`. Autograd would multiply for the weights, and add to their gradient, at every step; this
    multiplies for them once. Second derivatives go through `plain_states`.
    """

    @staticmethod
    def forward(ctx: Any, projected: Tensor, recurrent: Tensor, activation: Activation) -> Tensor:
        """States (K, T, B, n)."""
        states = plain_states(projected, recurrent, activation)
        ctx.activation = activation
        ctx.save_for_backward(projected, recurrent, states)
        return states

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, Tensor, None]:
        """Gradients of the projected inputs and of the recurrent weights."""
        projected, recurrent, states = ctx.saved_tensors
        if torch.is_grad_enabled():
            inputs = (projected, recurrent)
            again = plain_states(projected, recurrent, ctx.activation)
            of_projected, of_recurrent = torch.autograd.grad(again, inputs, grads, create_graph=True)
            return of_projected, of_recurrent, None
        slopes = _slopes(grads[0], recurrent, states, SLOPES[ctx.activation])
        return slopes, torch.bmm(slopes[:, 1:].flatten(1, 2).mT, states[:, :-1].flatten(1, 2)), None


def _slopes(grad: Tensor, recurrent: Tensor, states: Tensor, slope: Slope) -> Tensor:
    """Gradients of what goes into the nonlinearity (K, T, B, n)."""
    slopes = torch.empty_like(states)
    of_state = grad[:, -1].clone()  # (K, B, n)
    for step in range(states.shape[1] - 1, 0, -1):
        slopes[:, step] = of_sum = slope(of_state, states[:, step])
        of_state = torch.baddbmm(grad[:, step - 1], of_sum, recurrent)
    slopes[:, 0] = slope(of_state, states[:, 0])
    return slopes


def plain_states(projected: Tensor, recurrent: Tensor, activation: Activation) -> Tensor:
    """States (K, T, B, n) in operations that autograd can differentiate any number of times.

    Steps are unbound once: slicing them one by one would cost a pass over all steps in each step of the
    backward pass.
    """
    first, *others = projected.unbind(1)
    states = [activate(activation, first)]
    for step in others:
        states.append(activate(activation, torch.baddbmm(step, states[-1], recurrent.mT)))
    return torch.stack(states, dim=1)
