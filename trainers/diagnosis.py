"""Where the first non-finite value appeared: a broken step, run once more under observation."""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from trainers.models.base import Part
from trainers.record import Phase
from trainers.stack import Stack
from trainers.step import objective
from trainers.tape import TrainingTape

Place = tuple[Phase, str | None]


class Watch:
    """Notes, for some rows of a stack, the first place where a value was not finite."""

    def __init__(self, rows: Sequence[int]) -> None:
        self.rows = list(rows)
        self.places: dict[int, Place] = {}

    def look(self, phase: Phase, layer: str | None, values: Tensor) -> None:
        """Look at `values` (K or 1, ...) of one layer."""
        fine = torch.isfinite(values.detach()).flatten(1).all(dim=1)
        for row in self.rows:
            if row not in self.places and not fine[row if len(fine) > 1 else 0]:
                self.places[row] = (phase, layer)


class ObservingTape(TrainingTape):
    """A training tape that looks at every activation, and at its gradient on the way back."""

    def __init__(self, stack: Stack, step: int, watch: Watch) -> None:
        super().__init__(stack.regularisers, step)
        self.touches = True
        self._watch = watch

    def observe(self, layer: str, activation: Tensor) -> Tensor:
        """The activation, looked at."""
        self._watch.look("forward", layer, activation)
        if activation.requires_grad:
            activation.register_hook(  # type: ignore[no-untyped-call]
                lambda grad: self._watch.look("backward", layer, grad)
            )
        return activation

    def inside(self, layer: str, part: Part, values: Tensor) -> None:
        """Look at a part of a layer, which counts as the layer."""
        self.observe(layer, values)


def diagnose(
    stack: Stack, step: int, rows: Sequence[int], loss: NDArray[np.float64], tensor_norms: NDArray[np.float64]
) -> dict[int, Place]:
    """Phase and layer of the first non-finite value of each of `rows`, which broke in `step`.

    The stack still holds their parameters as they were before the step, or not finite if it was the update
    that broke them: then loss and gradient were finite. Otherwise the step runs again: the forward pass is
    searched from the first layer on, the backward pass from the last, in the order in which values come to
    be. `loss` (K,) and `tensor_norms` (K, S) of the step decide where the second run shows nothing, for
    example when a transform broke the gradient.
    """
    was_whole = np.isfinite(loss) & np.isfinite(tensor_norms).all(axis=1)
    places = {row: _broken_by_update(stack, row) for row in rows if was_whole[row]}
    others = [row for row in rows if not was_whole[row]]
    return places | _seen_again(stack, step, others, loss, tensor_norms) if others else places


def _seen_again(
    stack: Stack, step: int, rows: Sequence[int], loss: NDArray[np.float64], tensor_norms: NDArray[np.float64]
) -> dict[int, Place]:
    watch = Watch(rows)
    for inputs, targets in stack.batches.chunk(step, 1)[0]:
        _replay(stack, step, watch, inputs, targets)
    for row in watch.rows:
        if row not in watch.places:
            watch.places[row] = _from_measurements(stack, row, float(loss[row]), tensor_norms[row])
    return watch.places


def _replay(stack: Stack, step: int, watch: Watch, inputs: Tensor, targets: Tensor) -> None:
    layer_of = {spec.name: spec.layer for spec in stack.layout.specs}
    handles = [
        leaf.register_hook(  # type: ignore[no-untyped-call]
            lambda grad, layer=layer_of[name]: watch.look("backward", layer, grad)
        )
        for name, leaf in stack.leaves.items()
    ]
    try:
        tape = ObservingTape(stack, step, watch)
        _, total = objective(stack, inputs, targets, tape, step)
        watch.look("forward", "loss", total.unsqueeze(1))
        torch.autograd.grad(total.sum(), list(stack.leaves.values()), allow_unused=True)
    finally:
        for handle in handles:
            handle.remove()


def _from_measurements(stack: Stack, row: int, loss: float, tensor_norms: NDArray[np.float64]) -> Place:
    if not np.isfinite(loss):
        return "forward", "loss"
    broken = np.flatnonzero(~np.isfinite(tensor_norms))
    return "backward", stack.layout.specs[broken[-1]].layer


def _broken_by_update(stack: Stack, row: int) -> Place:
    for spec, (start, stop) in zip(stack.layout.specs, stack.layout.bounds, strict=True):
        if not torch.isfinite(stack.params[row, start:stop]).all():
            return "update", spec.layer
    return "update", None
