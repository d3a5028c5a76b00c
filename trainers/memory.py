"""How many members fit in memory, planned before anything large is allocated."""

from collections.abc import Iterable, Iterator
from typing import Any

import torch
from torch import Tensor

from trainers.device import free_bytes, share_of_machine
from trainers.stack import Stack
from trainers.stacked import Stacked
from trainers.statistics.series import StepSeries
from trainers.step import objective
from trainers.tape import TrainingTape

USABLE_PART = 0.8
"""Share of its part of the free memory that a stack may plan with; the rest is for the allocator."""
TRANSIENT_COPIES = 6
"""Rows of P that live for a moment in every step: autograd's gradients, the update, and what is measured."""
TRANSIENT_ACTIVATIONS = 2
"""How many times what the forward pass keeps is there at once: the backward pass makes as much again."""


def largest_stack(member_bytes: int, device: str) -> int:
    """How many members of `member_bytes` each this process' part of the free memory holds, at least 1."""
    usable = USABLE_PART * share_of_machine(device) * free_bytes(device)
    return max(1, int(usable) // max(1, member_bytes))


def member_bytes(stack: Stack) -> int:
    """Bytes that one member of `stack` needs: state, a step's activations and gradients, and statistics.

    An estimate to be rather above than below what is allocated. What members share (the data) is left out.
    """
    config = stack.trials[0].config
    state = sum(_bytes(tensor) for tensor in _tensors([stack.params, stack.grads, *stack.parts()]))
    if stack.rate_factors is not None:
        state += _bytes(stack.rate_factors)
    passing = TRANSIENT_COPIES * _bytes(stack.params) + TRANSIENT_ACTIVATIONS * _saved_for_backward(stack)
    history = 8 * config.steps * len(StepSeries.names())
    return (state + passing) // stack.num_members + history


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
