"""One training step of a stack: loss, gradients, transforms, clipping, update, and their statistics."""

from collections.abc import Sequence

import torch
from torch import Tensor

from trainers.batches import Batch
from trainers.clipping.base import Clipped, Gradients
from trainers.outcomes.thresholds import DIVERGED_FACTOR, SMALLEST_FIRST_LOSS
from trainers.stack import Stack
from trainers.statistics.meter import GradientNorms
from trainers.tape import TrainingTape


def train_step(stack: Stack, micro_batches: Sequence[Batch], lr: Tensor, step: int) -> bool:
    """Make update `step` of every member that stays finite; parameters of the others are left as they were.

    False when it is known that a member may not go on; on an accelerator that is known only when the chunk
    ends.
    """
    loss = accumulate_gradients(stack, micro_batches, step)
    with torch.no_grad():
        if step == 0:
            stack.loss_limit = _loss_limit(loss)
        grads = _transformed(stack, step)
        measured = stack.meter.gradients(grads, loss)
        grads, skip = _clipped(stack, grads, measured, loss, step)
        delta = stack.optimizer.update(stack.params, grads, lr, step)
        if skip is not None:
            delta = delta.masked_fill(skip.unsqueeze(1), 0.0)
        may_go_on = stack.meter.update(stack.params, delta, stack.loss_limit)
        if may_go_on is None:
            stack.params.add_(delta)
            return True
        _update_some(stack, delta, may_go_on)
        return not stack.meter.knows_at_once


def _update_some(stack: Stack, delta: Tensor, may_go_on: Tensor) -> None:
    if stack.halted is None or stack.halted_delta is None:
        stack.halted, stack.halted_delta = torch.zeros_like(may_go_on), torch.zeros_like(delta)
    halts_now = ~may_go_on & ~stack.halted
    stack.halted_delta = torch.where(halts_now.unsqueeze(1), delta, stack.halted_delta)
    stack.halted = ~may_go_on
    stack.params.add_(torch.where(may_go_on.unsqueeze(1), delta, 0.0))


def accumulate_gradients(stack: Stack, micro_batches: Sequence[Batch], step: int) -> Tensor:
    """Sum the micro-batches' gradients into `stack.grads` (K, P); their mean loss (K,) without penalties."""
    losses = []
    for index, (inputs, targets) in enumerate(micro_batches):
        loss, total = objective(stack, inputs, targets, TrainingTape(stack.regularisers, step), step)
        tensors = torch.autograd.grad(total.sum(), list(stack.leaves.values()), materialize_grads=True)
        _gather(stack.grads, tensors, add=index > 0)
        losses.append(loss.detach())
    return losses[0] if len(losses) == 1 else torch.stack(losses).mean(dim=0)


def objective(
    stack: Stack, inputs: Tensor, targets: Tensor, tape: TrainingTape, step: int
) -> tuple[Tensor, Tensor]:
    """The data loss (K,) and what is differentiated: the loss with every penalty (K,)."""
    for regulariser in stack.regularisers:
        inputs, targets = regulariser.batch(inputs, targets, step)
    if any(regulariser.needs_input_gradient for regulariser in stack.regularisers):
        inputs = inputs.expand(stack.num_members, *inputs.shape[1:]).detach().requires_grad_()
    loss = stack.workload.loss(stack.leaves, inputs, targets, tape)
    total = loss
    for regulariser in stack.regularisers:
        penalty = regulariser.penalty(loss, inputs)
        total = total if penalty is None else total + penalty
    for value in tape.penalties:
        total = total + value
    return loss, total


def _gather(flat: Tensor, tensors: Sequence[Tensor], *, add: bool) -> None:
    rows = [tensor.flatten(1) for tensor in tensors]
    if add:
        flat.add_(torch.cat(rows, dim=1))
    else:
        torch.cat(rows, dim=1, out=flat)


def _transformed(stack: Stack, step: int) -> Tensor:
    grads = stack.grads
    for regulariser in stack.regularisers:
        grads = regulariser.gradient(grads, stack.params)
    for transform in stack.transforms:
        grads = transform.transform(grads, step)
    return grads


def _clipped(
    stack: Stack, grads: Tensor, measured: GradientNorms, loss: Tensor, step: int
) -> tuple[Tensor, Tensor | None]:
    if len(stack.clips) == 1:
        result = _clip_rows(stack, 0, grads, measured, loss, step)
        return result.flat, result.skip
    skips: list[Tensor | None] = []
    for index, group in enumerate(stack.clips):
        result = _clip_rows(stack, index, grads, measured, loss, step)
        rows = grads[group.first : group.stop]
        if result.flat.data_ptr() != rows.data_ptr():
            rows.copy_(result.flat)
        skips.append(result.skip)
    return grads, _join_skips(stack, skips)


def _clip_rows(
    stack: Stack, index: int, grads: Tensor, measured: GradientNorms, loss: Tensor, step: int
) -> Clipped:
    group = stack.clips[index]
    rows = slice(group.first, group.stop)
    gradients = Gradients(
        grads[rows], measured.norm[rows], measured.tensor_norms[rows], stack.params[rows], loss[rows], step
    )
    result = group.rule.clip(gradients)
    stack.meter.clipped(group.first, group.stop, result)
    return result


def _join_skips(stack: Stack, skips: Sequence[Tensor | None]) -> Tensor | None:
    if all(skip is None for skip in skips):
        return None
    joined = torch.zeros(stack.num_members, dtype=torch.bool, device=stack.params.device)
    for group, skip in zip(stack.clips, skips, strict=True):
        if skip is not None:
            joined[group.first : group.stop] = skip
    return joined


def _loss_limit(first_loss: Tensor) -> Tensor:
    limit = first_loss.abs().clamp(min=SMALLEST_FIRST_LOSS) * DIVERGED_FACTOR
    return limit.clamp(max=torch.finfo(first_loss.dtype).max)
