"""Measures a stack on a schedule, without touching anything that it trains with."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from trainers.config import TrialConfig
from trainers.models.base import Params
from trainers.seeds import generator
from trainers.stack import Stack
from trainers.statistics.activations import ActivationTape
from trainers.statistics.derivatives import Losses, gradients
from trainers.statistics.noise import signal_and_noise
from trainers.statistics.scheduled import Schedule
from trainers.statistics.sharpness import sharpness
from trainers.tape import TrainingTape
from trainers.workload import Workload

FULL_BATCH_PART = 64
"""Examples per gradient when training takes all of them at once: full batches do not vary."""
MAX_ROWS = 1 << 13
"""Examples times members per pass: bounds the memory of the graphs that second derivatives need."""
Values = dict[str, NDArray[np.float64]]


class Probe:
    """Measures the members of a stack; what it draws depends on a member's seed and the step alone."""

    def __init__(self, stack: Stack) -> None:
        config = stack.trials[0].config
        self._stack = stack
        self._measure = config.measure
        self._noise_batch = noise_batch_size(config, stack.workload.num_examples)

    def measure(self, step: int) -> Values:
        """Each quantity that was asked for and exists here: (K,) of the whole model, (K, L) by layer."""
        parts = [self._measure_rows(rows, step) for rows in self._slices()]
        return {name: torch.cat([part[name] for part in parts]).cpu().numpy() for name in parts[0]}

    def _slices(self) -> Iterator[slice]:
        """Groups of members that are measured at once."""
        K = self._stack.num_members
        size = max(1, MAX_ROWS // max(self._num_examples, self._noise_batch))
        for start in range(0, K, size):
            yield slice(start, min(start + size, K))

    def _measure_rows(self, rows: slice, step: int) -> dict[str, Tensor]:
        found: dict[str, Tensor] = {}
        examples = self._examples(rows)
        if "activations" in self._measure.what:
            found |= self._activations(rows, *self._stack.workload.batch(examples))
        if "gradient_noise" in self._measure.what:
            found |= self._gradient_noise(rows, step)
        if {"sharpness", "preconditioned_sharpness"} & set(self._measure.what):
            found |= self._sharpness(rows, self._losses(examples))
        return found

    @property
    def _num_examples(self) -> int:
        wanted, available = self._measure.examples, self._stack.workload.num_examples
        return available if wanted == "all" else min(wanted, available)

    def _examples(self, rows: slice) -> Tensor:
        """Indices (k, n) of each member's examples; (1, n) where all are taken."""
        stack, n = self._stack, self._num_examples
        if n == stack.workload.num_examples:
            return torch.arange(n, device=stack.device).unsqueeze(0)
        orders = [
            torch.randperm(stack.workload.num_examples, generator=generator(trial.config.seed, "measure"))[:n]
            for trial in stack.trials[rows]
        ]
        return torch.stack(orders).to(stack.device)

    def _losses(self, indices: Tensor) -> Losses:
        """The losses of members on the examples `indices` (k, n), in 32 bits at least."""
        workload = self._stack.workload
        inputs, targets = workload.batch(indices)
        if inputs.is_floating_point():
            inputs = inputs.to(self._stack.params.dtype)

        def losses(params: Params) -> Tensor:
            tape = TrainingTape([], 0)
            loss = workload.loss(params, inputs, targets, tape)
            return sum(tape.penalties, start=loss)

        return losses

    def _activations(self, rows: slice, inputs: Tensor, targets: Tensor) -> dict[str, Tensor]:
        stack, tape = self._stack, ActivationTape()
        with torch.no_grad():
            stack.workload.loss(stack.views(stack.params[rows]), inputs, targets, tape)
        layers = {
            "activation_rms": tape.rms,
            "num_dead": tape.num_dead,
            "num_units": tape.num_units,
            "attention_logit_max": tape.logit_max,
        }
        return {name: self._by_layer(values, rows) for name, values in layers.items() if values}

    def _by_layer(self, values: dict[str, Tensor], rows: slice) -> Tensor:
        """Values (k, L) in the layout's order; NaN for a layer that has none."""
        like = self._stack.params[rows, 0].double()
        nothing = torch.full_like(like, torch.nan)
        return torch.stack([values.get(layer, nothing) for layer in self._stack.layout.layers], dim=1)

    def _gradient_noise(self, rows: slice, step: int) -> dict[str, Tensor]:
        stack, shape = self._stack, (self._measure.batches, self._noise_batch)
        draws = [
            torch.randint(
                stack.workload.num_examples, shape, generator=generator(trial.config.seed, "measure", step)
            )
            for trial in stack.trials[rows]
        ]
        indices = torch.stack(draws, dim=1).to(stack.device)  # (batches, k, B)
        params = stack.params[rows]
        found = (gradients(self._losses(batch), stack.layout, params) for batch in indices)
        signal, noise = signal_and_noise(found, stack.layout)
        return {"grad_signal": self._summed(signal), "grad_noise": self._summed(noise)}

    def _summed(self, of_tensors: Tensor) -> Tensor:
        """Sums (k, L) over the tensors of each layer, of (k, S)."""
        layout = self._stack.layout
        places = torch.tensor([layout.layers.index(spec.layer) for spec in layout.specs])
        sums = of_tensors.new_zeros(len(of_tensors), len(layout.layers))
        return sums.index_add_(1, places.to(of_tensors.device), of_tensors)

    def _sharpness(self, rows: slice, losses: Losses) -> dict[str, Tensor]:
        params, asked = self._stack.params[rows], self._measure.what
        limits: dict[str, Any] = {
            "iterations": self._measure.iterations,
            "tolerance": self._measure.tolerance,
        }
        found = {}
        if "sharpness" in asked:
            found["sharpness"] = sharpness(losses, self._stack.layout, params, **limits)
        P = self._preconditioner() if "preconditioned_sharpness" in asked else None
        if P is not None:
            found["preconditioned_sharpness"] = sharpness(
                losses, self._stack.layout, params, P[rows], **limits
            )
        return found

    def _preconditioner(self) -> Tensor | None:
        """The optimizer's P (K, P), with the initializers' factors on learning rates; None without both."""
        P, factors = self._stack.optimizer.preconditioner(), self._stack.rate_factors
        if factors is None:
            return P
        return 1 / factors if P is None else P / factors


def noise_batch_size(config: TrialConfig, num_examples: int) -> int:
    """Examples per gradient when the variance of gradients is measured: the trial's micro-batch."""
    return min(FULL_BATCH_PART, num_examples) if config.batch_size == "full" else config.batch_size


def make_schedule(config: TrialConfig, workload: Workload, num_members: int) -> Schedule | None:
    """Room for the measurements of a stack; None when there are none."""
    if config.measure.every is None:
        return None
    batch_size = noise_batch_size(config, workload.num_examples)
    return Schedule(config.measure.every, config.steps, num_members, batch_size)
