"""How many members fit in memory, planned before anything large is allocated."""

from collections.abc import Iterable, Iterator
from typing import Any

import torch
from torch import Tensor

from trainers.device import free_bytes
from trainers.stack import Stack
from trainers.stacked import Stacked
from trainers.statistics.series import StepSeries
from trainers.step import objective
from trainers.tape import TrainingTape

USABLE_PART = 0.5
"""Share of the free memory that a stack may plan with; the rest is for the allocator and the neighbours."""
TRANSIENT_COPIES = 4
"""Rows of P that live for a moment in every step: autograd's gradients, the update, and two to spare."""


def largest_stack(member_bytes: int, device: str) -> int:
    """How many members of `member_bytes` each the free memory of `device` holds, at least 1."""
    return max(1, int(USABLE_PART * free_bytes(device)) // max(1, member_bytes))


def member_bytes(stack: Stack) -> int:
    """Bytes that one member of `stack` needs: state, what autograd keeps for a step, and its statistics."""
    state = sum(_bytes(tensor) for tensor in _tensors([stack.params, stack.grads, stack.optimizer]))
    state += TRANSIENT_COPIES * _bytes(stack.params) + 2 * _bytes(stack.params)
    config = stack.trials[0].config
    history = 8 * config.steps * len(StepSeries.names())
    return (state + _saved_for_backward(stack)) // stack.num_members + history


def _saved_for_backward(stack: Stack) -> int:
    sizes: dict[int, int] = {}

    def note(tensor: Tensor) -> Tensor:
        storage = tensor.untyped_storage()
        sizes[storage.data_ptr()] = storage.nbytes()
        return tensor

    inputs, targets = stack.batches.chunk(0, 1)[0][0]
    with torch.autograd.graph.saved_tensors_hooks(note, lambda tensor: tensor):
        objective(stack, inputs, targets, TrainingTape(stack.regularisers, 0), 0)
    sizes.pop(stack.params.untyped_storage().data_ptr(), None)
    return sum(sizes.values())


def _bytes(tensor: Tensor) -> int:
    return tensor.numel() * tensor.element_size()


def _tensors(values: Iterable[Any]) -> Iterator[Tensor]:
    for value in values:
        if isinstance(value, Tensor):
            yield value
        elif isinstance(value, Stacked):
            yield from _tensors(vars(value).values())
        elif isinstance(value, dict):
            yield from _tensors(value.values())
        elif isinstance(value, list):
            yield from _tensors(value)
