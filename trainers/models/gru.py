"""Gated recurrent units over all steps, with a backward pass of its own."""

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

_sigmoid_slope = torch.ops.aten.sigmoid_backward.grad_input
_tanh_slope = torch.ops.aten.tanh_backward.grad_input


class GruScan(torch.autograd.Function):
    """States (K, T, B, n) from `projected` inputs (K, T, B, 3n), `recurrent` (K, 3n, n) and `bias` (K, n).

    As `torch.nn.GRU`: rows are reset and update gate, then candidate; `bias` is the candidate's recurrent
    one. Why it has a backward pass of its own: see `LstmScan`. Second derivatives go through `gru_states`.
    """

    @staticmethod
    def forward(ctx: Any, projected: Tensor, recurrent: Tensor, bias: Tensor) -> Tensor:
        """States (K, T, B, n)."""
        size = recurrent.shape[2]
        offset = functional.pad(bias, (2 * size, 0)).unsqueeze(1)  # (K, 1, 3n)
        rows = torch.empty_like(projected)  # gates and candidate, (K, T, B, 3n)
        recalled, states = (torch.empty_like(rows[..., :size]) for _ in range(2))  # (K, T, B, n)
        state = projected.new_zeros(*projected.shape[0:3:2], size)  # (K, B, n)
        for step, inputs in enumerate(projected.unbind(1)):
            row, total = rows[:, step], torch.baddbmm(offset, state, recurrent.mT)
            recalled[:, step] = total[..., 2 * size :]
            torch.add(total[..., : 2 * size], inputs[..., : 2 * size], out=row[..., : 2 * size]).sigmoid_()
            reset, update, candidate = row.chunk(3, dim=-1)
            torch.addcmul(inputs[..., 2 * size :], reset, total[..., 2 * size :], out=candidate).tanh_()
            state = torch.lerp(candidate, state, update, out=states[:, step])
        ctx.save_for_backward(projected, recurrent, bias, rows, recalled, states)
        return states

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Gradients of the projected inputs, the recurrent weights and the candidate's bias."""
        projected, recurrent, bias, *saved = ctx.saved_tensors
        if torch.is_grad_enabled():
            inputs = (projected, recurrent, bias)
            of_projected, of_recurrent, of_bias = torch.autograd.grad(
                gru_states(*inputs), inputs, grads, create_graph=True
            )
            return of_projected, of_recurrent, of_bias
        slopes, of_rows = _slopes(grads[0], recurrent, *saved)
        states, size = saved[2], recurrent.shape[2]
        of_recurrent = torch.bmm(of_rows[:, 1:].flatten(1, 2).mT, states[:, :-1].flatten(1, 2))
        return slopes, of_recurrent, of_rows[..., 2 * size :].sum(dim=(1, 2))


def _slopes(
    grad: Tensor, recurrent: Tensor, rows: Tensor, recalled: Tensor, states: Tensor
) -> tuple[Tensor, Tensor]:
    """Gradients of the projected inputs and of what the last state contributes, both (K, T, B, 3n)."""
    size = recurrent.shape[2]
    slopes, of_rows = torch.empty_like(rows), torch.empty_like(rows)
    of_state = grad[:, -1]
    for step in range(rows.shape[1] - 1, -1, -1):
        slope, of_row = slopes[:, step], of_rows[:, step]
        reset, update, candidate = rows[:, step].chunk(3, dim=-1)
        of_reset, of_update, of_candidate = slope.chunk(3, dim=-1)
        carried = of_state * update
        torch.sub(of_state, carried, out=of_candidate)
        _tanh_slope(of_candidate, candidate, grad_input=of_candidate)
        before = states[:, step - 1] if step > 0 else torch.zeros_like(candidate)
        torch.mul(of_state, before - candidate, out=of_update)
        torch.mul(of_candidate, recalled[:, step], out=of_reset)
        gates = slope[..., : 2 * size]
        _sigmoid_slope(gates, rows[:, step, :, : 2 * size], grad_input=gates)
        of_row[..., : 2 * size] = gates
        torch.mul(of_candidate, reset, out=of_row[..., 2 * size :])
        if step > 0:
            of_state = carried.add_(grad[:, step - 1]).baddbmm_(of_row, recurrent)
    return slopes, of_rows


def gru_states(projected: Tensor, recurrent: Tensor, bias: Tensor) -> Tensor:
    """The states of `GruScan` in operations that autograd can differentiate any number of times."""
    size = recurrent.shape[2]
    offset = functional.pad(bias, (2 * size, 0)).unsqueeze(1)  # (K, 1, 3n)
    state = projected.new_zeros(*projected.shape[0:3:2], size)  # (K, B, n)
    states = []
    for inputs in projected.unbind(1):
        reset, update, recalled = torch.baddbmm(offset, state, recurrent.mT).chunk(3, dim=-1)
        for_reset, for_update, for_candidate = inputs.chunk(3, dim=-1)
        candidate = (for_candidate + (for_reset + reset).sigmoid() * recalled).tanh()
        state = torch.lerp(candidate, state, (for_update + update).sigmoid())
        states.append(state)
    return torch.stack(states, dim=1)
