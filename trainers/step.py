"""One training step of a stack: loss, gradients, transforms, clipping, update, and their statistics."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from trainers.batches import Batch
from trainers.clipping.base import Clipped, Gradients
from trainers.optimizers.change import Change
from trainers.outcomes.thresholds import DIVERGED_FACTOR, SMALLEST_FIRST_LOSS
from trainers.stack import ClipGroup, Stack
from trainers.statistics.meter import GradientNorms
from trainers.tape import TrainingTape


def train_step(stack: Stack, micro_batches: Sequence[Batch], lr: Tensor, step: int) -> bool:
    """Make update `step` of every member that stays finite.

    False when it is known that a member may not go on; on an accelerator that is known only when the chunk
    ends.
    """
    loss, tensors = batch_gradients(stack, micro_batches, step)
    with torch.no_grad():
        scale = stack.loss_scale
        kept = None if scale is None else scale.unscale(stack.grads, loss)
        if step == 0:
            stack.loss_limit = _loss_limit(loss)
        if tensors is not None:
            grads, measured = stack.grads, stack.meter.gather(tensors, stack.grads, loss)
        else:
            grads = _transformed(stack, step)
            measured = stack.meter.gradients(grads, loss)
        grads, wishes = _clipped(stack, grads, measured, loss, step)
        change = _wanted_change(stack, grads, lr if kept is None else lr * kept.unsqueeze(1), step, wishes)
        return stack.meter.update(stack.params, change, stack.loss_limit)


def batch_gradients(
    stack: Stack, micro_batches: Sequence[Batch], step: int
) -> tuple[Tensor, Sequence[Tensor] | None]:
    """The micro-batches' mean loss (K,) without penalties, and their gradients.

    These are summed into `stack.grads` (K, P), or given as tensors, each (K, *shape), where there is one
    batch and nothing comes between it and the meter, which copies them while it measures.
    """
    losses = []
    stack.refresh()
    scale = None if stack.loss_scale is None else stack.loss_scale.scale
    for index, (inputs, targets) in enumerate(micro_batches):
        loss, total = objective(stack, inputs, targets, TrainingTape(stack.regularisers, step), step)
        # A sum and not a seed for each member: for seeds torch imports sympy, half a second of each worker.
        scaled = (total if scale is None else total * scale).sum()
        tensors = torch.autograd.grad(scaled, stack.leaf_list, materialize_grads=True)
        if len(micro_batches) == 1 and stack.measures_tensors:
            return loss.detach(), tensors
        if index == 0:
            torch._foreach_copy_(stack.grad_views, tensors)
        else:
            torch._foreach_add_(stack.grad_views, tensors)
        losses.append(loss.detach())
    return (losses[0] if len(losses) == 1 else torch.stack(losses).mean(dim=0)), None


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


def _transformed(stack: Stack, step: int) -> Tensor:
    grads = stack.grads
    for regulariser in stack.regularisers:
        grads = regulariser.gradient(grads, stack.params)
    for transform in stack.transforms:
        grads = transform.transform(grads, step)
    return grads


@dataclass(frozen=True)
class Wishes:
    """What clip rules asked for besides the gradient: each (K,), or None where no rule asked."""

    reset: Tensor | None
    rate: Tensor | None


NO_WISHES = Wishes(None, None)


def _wanted_change(stack: Stack, grads: Tensor, lr: Tensor, step: int, wishes: Wishes) -> Change:
    if wishes.reset is not None:
        stack.optimizer.reset(wishes.reset)
    if wishes.rate is not None:
        lr = lr * wishes.rate.unsqueeze(1)
    change = stack.optimizer.change(stack.params, grads, lr, step)
    if stack.rate_factors is not None:
        return Change(change.tensor(out=stack.grads).mul_(stack.rate_factors))
    return change


def _clipped(
    stack: Stack, grads: Tensor, measured: GradientNorms, loss: Tensor, step: int
) -> tuple[Tensor, Wishes]:
    groups = [group for group in stack.clips if not group.rule.changes_nothing]
    results = [_clip_rows(stack, group, grads, measured, loss, step) for group in groups]
    if not stack.optimizer.is_linear:
        results = [result.applied() for result in results]
    if len(stack.clips) == 1:
        return (results[0].flat, _wishes(results[0])) if results else (grads, NO_WISHES)
    for group, result in zip(groups, results, strict=True):
        rows = grads[group.first : group.stop]
        if result.flat.data_ptr() != rows.data_ptr():
            rows.copy_(result.flat)
    wishes = [_wishes(result) for result in results]
    like = stack.params
    never = like.new_zeros(len(like), dtype=torch.bool)
    return grads, Wishes(
        reset=_join(groups, [wish.reset for wish in wishes], never),
        rate=_join(groups, [wish.rate for wish in wishes], like.new_ones(len(like))),
    )


def _wishes(result: Clipped) -> Wishes:
    """What a rule asks for; a factor that was not applied to gradients is one on the rate."""
    rate, factor = result.rate, result.factor
    return Wishes(result.reset, factor if rate is None else rate if factor is None else rate * factor)


def _clip_rows(
    stack: Stack, group: ClipGroup, grads: Tensor, measured: GradientNorms, loss: Tensor, step: int
) -> Clipped:
    rows = slice(group.first, group.stop)
    norm, per_tensor, largest = measured.norm, measured.tensor_norms, measured.max_abs
    assert norm is not None, "rules that change something need the norm"
    gradients = Gradients(
        flat=grads[rows],
        norm=norm[rows],
        tensor_norms=grads.new_empty(group.stop - group.first, 0) if per_tensor is None else per_tensor[rows],
        params=stack.params[rows],
        loss=loss[rows],
        step=step,
        max_abs=None if largest is None else largest[rows],
    )
    result = group.rule.clip(gradients)
    stack.meter.clipped(group.first, group.stop, result)
    return result


def _join(groups: Sequence[ClipGroup], parts: Sequence[Tensor | None], neutral: Tensor) -> Tensor | None:
    if all(part is None for part in parts):
        return None
    for group, part in zip(groups, parts, strict=True):
        if part is not None:
            neutral[group.first : group.stop] = part
    return neutral


def _loss_limit(first_loss: Tensor) -> Tensor:
    limit = first_loss.abs().clamp(min=SMALLEST_FIRST_LOSS) * DIVERGED_FACTOR
    return limit.clamp(max=torch.finfo(first_loss.dtype).max)
