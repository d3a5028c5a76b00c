"""Long short-term memory over all steps, with a backward pass of its own."""

from typing import Any

import torch
from torch import Tensor

_sigmoid_slope = torch.ops.aten.sigmoid_backward.grad_input
_tanh_slope = torch.ops.aten.tanh_backward.grad_input


class LstmScan(torch.autograd.Function):
    """States (K, T, B, n) from `projected` inputs (K, T, B, 4n) and `recurrent` weights (K, 4n, n).

    As `torch.nn.LSTM` with rows in the order input, forget, output gate, candidate. Autograd would launch
    some thirty kernels a step on the way back and multiply for the weights at every step; this launches
    twelve, and multiplies for the weights once. Second derivatives go through `lstm_states`.
    """

    @staticmethod
    def forward(ctx: Any, projected: Tensor, recurrent: Tensor) -> Tensor:
        """States (K, T, B, n)."""
        size = recurrent.shape[2]
        rows = torch.empty_like(projected)  # gates and candidate, (K, T, B, 4n)
        states, memories, squashed = (torch.empty_like(rows[..., :size]) for _ in range(3))  # (K, T, B, n)
        state = memory = projected.new_zeros(*projected.shape[0:3:2], size)  # (K, B, n)
        for step, inputs in enumerate(projected.unbind(1)):
            row, total = rows[:, step], torch.baddbmm(inputs, state, recurrent.mT)
            torch.sigmoid(total[..., : 3 * size], out=row[..., : 3 * size])
            torch.tanh(total[..., 3 * size :], out=row[..., 3 * size :])
            let_in, keep, let_out, candidate = row.chunk(4, dim=-1)
            kept = keep * memory
            memory = torch.addcmul(kept, let_in, candidate, out=memories[:, step])
            state = torch.mul(let_out, torch.tanh(memory, out=squashed[:, step]), out=states[:, step])
        ctx.save_for_backward(projected, recurrent, rows, states, memories, squashed)
        return states

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, Tensor]:
        """Gradients of the projected inputs and of the recurrent weights."""
        projected, recurrent, *saved = ctx.saved_tensors
        if torch.is_grad_enabled():
            inputs = (projected, recurrent)
            of_projected, of_recurrent = torch.autograd.grad(
                lstm_states(*inputs), inputs, grads, create_graph=True
            )
            return of_projected, of_recurrent
        slopes = _slopes(grads[0], recurrent, *saved)
        states = saved[1]
        return slopes, torch.bmm(slopes[:, 1:].flatten(1, 2).mT, states[:, :-1].flatten(1, 2))


def _slopes(
    grad: Tensor, recurrent: Tensor, rows: Tensor, states: Tensor, memories: Tensor, squashed: Tensor
) -> Tensor:
    """Gradients of what goes into gates and candidate (K, T, B, 4n)."""
    size = recurrent.shape[2]
    slopes = torch.empty_like(rows)
    of_memory = torch.zeros_like(states[:, 0])  # (K, B, n)
    of_state = grad[:, -1]
    for step in range(rows.shape[1] - 1, -1, -1):
        row, slope = rows[:, step], slopes[:, step]
        let_in, keep, let_out, candidate = row.chunk(4, dim=-1)
        of_in, of_keep, of_out, of_candidate = slope.chunk(4, dim=-1)
        torch.mul(of_state, squashed[:, step], out=of_out)
        through = of_state * let_out
        of_memory = of_memory.add_(_tanh_slope(through, squashed[:, step], grad_input=through))
        torch.mul(of_memory, candidate, out=of_in)
        torch.mul(of_memory, let_in, out=of_candidate)
        if step == 0:
            of_keep.zero_()
        else:
            torch.mul(of_memory, memories[:, step - 1], out=of_keep)
        _sigmoid_slope(slope[..., : 3 * size], row[..., : 3 * size], grad_input=slope[..., : 3 * size])
        _tanh_slope(of_candidate, candidate, grad_input=of_candidate)
        if step > 0:
            of_memory = of_memory.mul_(keep)
            of_state = torch.baddbmm(grad[:, step - 1], slope, recurrent)
    return slopes


def lstm_states(projected: Tensor, recurrent: Tensor) -> Tensor:
    """The states of `LstmScan` in operations that autograd can differentiate any number of times."""
    state = memory = projected.new_zeros(*projected.shape[0:3:2], recurrent.shape[2])  # (K, B, n)
    states = []
    for inputs in projected.unbind(1):
        let_in, keep, let_out, candidate = torch.baddbmm(inputs, state, recurrent.mT).chunk(4, dim=-1)
        memory = keep.sigmoid() * memory + let_in.sigmoid() * candidate.tanh()
        state = let_out.sigmoid() * memory.tanh()
        states.append(state)
    return torch.stack(states, dim=1)
