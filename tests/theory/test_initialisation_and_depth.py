"""How fast gradients grow or shrink towards the input follows from the variance of the initial weights.

Slope per layer of ln‖∂L/∂h‖² towards the input at width 512, averaged over seeds (arXiv 1611.01232).
"""

from math import log
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from tests.trainers.trials import trial
from trainers.initial import InitialRows
from trainers.stack import Stack
from trainers.step import objective
from trainers.supervised import Supervised
from trainers.tape import TrainingTape
from trainers.trial import PackTrial

NUM_SEEDS = 8
WIDTH = 512


class GradientTape(TrainingTape):
    """Notes ln‖∂L/∂h‖² of every layer's activation h, the last layer's first."""

    def __init__(self) -> None:
        super().__init__([], 0)
        self.log_squares: list[float] = []

    def observe(self, layer: str, activation: Tensor) -> Tensor:
        activation.register_hook(lambda grad: self.log_squares.append(2 * float(grad.norm().log())))  # type: ignore[no-untyped-call]
        return activation


def slope(activation: str, depth: int, first: int, **variances: float) -> float:
    """Mean slope over the seeds, of the layers from the `first` hidden one on."""
    model = {"kind": "mlp", "hidden": [WIDTH] * depth, "activation": activation}
    workload_config: dict[str, Any] = {"data": {"kind": "digits"}, "model": model}
    trials = [
        trial(
            seed,
            seed=seed,
            workload=workload_config,
            init={"kind": "mean_field", **variances},
            batch_size=8,
            dtype="float64",
        )
        for seed in range(NUM_SEEDS)
    ]
    workload = Supervised.build(trials[0].config.workload, "cpu", torch.float64)
    return float(np.mean([_slope_of(one, workload, depth, first) for one in trials]))


def _slope_of(one: PackTrial, workload: Supervised, depth: int, first: int) -> float:
    stack = Stack([one], workload, InitialRows(), "cpu", torch.float64)
    inputs, targets = stack.batches.chunk(0, 1)[0][0]
    tape = GradientTape()
    _, total = objective(stack, inputs, targets, tape, 0)
    total.sum().backward()  # type: ignore[no-untyped-call]
    hidden = tape.log_squares[1 : depth + 1 - first]  # the output's own gradient comes first
    return float(np.polyfit(np.arange(len(hidden)), hidden, 1)[0])


@pytest.mark.parametrize("sigma_w2", [1.0, 2.0, 2.5])
def test_relu_gradients_scale_by_half_the_weight_variance(sigma_w2: float) -> None:
    found = slope("relu", 30, first=0, sigma_w2=sigma_w2, sigma_b2=0.0)
    assert found == pytest.approx(log(sigma_w2 / 2), abs=0.02)


@pytest.mark.parametrize(("sigma_w2", "expected"), [(1.0, -0.276), (1.761, 0.0), (2.5, 0.125)])
def test_tanh_gradients_vanish_or_explode_on_either_side_of_the_critical_line(
    sigma_w2: float, expected: float
) -> None:
    found = slope("tanh", 40, first=10, sigma_w2=sigma_w2, sigma_b2=0.05)
    assert found == pytest.approx(expected, abs=0.02)
