"""A linear recurrence with W = ρQ, Q orthogonal, multiplies a gradient by exactly ρ per step back in time.

Our own recurrent model reads sequences through an identity matrix, so that the gradient of a loss at input t
is the one at state t.
"""

from typing import Any

import pytest
import torch
from torch import Tensor

from trainers.data.base import DataShape
from trainers.initializers import Initializer, Orthogonal, SpectralRadius
from trainers.losses import task_losses
from trainers.models import Rnn
from trainers.seeds import generator
from trainers.tape import SilentTape

NUM_STEPS = 50
NUM_UNITS = 50


def gradient_gain(
    init: Initializer, *, seed: int = 0, num_steps: int = NUM_STEPS, num_units: int = NUM_UNITS, **model: Any
) -> float:
    """Norm of a loss's gradient at the first input over that at the last, `num_steps` steps later."""
    shape = DataShape((num_steps + 1, num_units), 3, num_examples=1, task="regression")
    network = Rnn(hidden=num_units, **{"activation": "linear", **model}).build(shape)
    params = dict(network.layout.views(init.initialize(network.layout, generator(seed)).unsqueeze(0)))
    params["rnn1.weight"] = torch.eye(num_units, dtype=torch.float64).unsqueeze(0)
    draws = generator(seed, "inputs")
    inputs = torch.randn(
        1, 1, num_steps + 1, num_units, generator=draws, dtype=torch.float64
    ).requires_grad_()
    targets = torch.randn(1, 1, 3, generator=draws, dtype=torch.float64)
    loss = task_losses("regression", network.forward(params, inputs, SilentTape()), targets)
    (grads,) = torch.autograd.grad(loss.sum(), inputs)
    return float(norm(grads[0, 0, 0]) / norm(grads[0, 0, -1]))


def norm(values: Tensor) -> Tensor:
    return torch.linalg.vector_norm(values)


@pytest.mark.parametrize(("radius", "gain"), [(0.9, 0.005154), (1.0, 1.0), (1.1, 117.39)])
@pytest.mark.parametrize("seed", range(3))
def test_the_gain_is_the_radius_to_the_power_of_time(radius: float, gain: float, seed: int) -> None:
    found = gradient_gain(SpectralRadius(radius=radius), seed=seed)
    assert found == pytest.approx(radius**NUM_STEPS, rel=1e-6)
    assert found == pytest.approx(gain, rel=1e-4)


@pytest.mark.parametrize("num_steps", [1, 7, 200])
@pytest.mark.parametrize("num_units", [2, 33])
def test_it_holds_for_other_times_and_sizes(num_steps: int, num_units: int) -> None:
    found = gradient_gain(SpectralRadius(radius=1.05), num_steps=num_steps, num_units=num_units)
    assert found == pytest.approx(1.05**num_steps, rel=1e-6)


def test_orthogonal_weights_times_a_gain_are_the_same_recurrence() -> None:
    assert gradient_gain(Orthogonal(gain=1.1)) == pytest.approx(1.1**NUM_STEPS, rel=1e-6)


def test_a_normal_matrix_of_the_same_radius_is_not_bound_to_it() -> None:
    assert abs(gradient_gain(SpectralRadius(form="normal")) - 1) > 1e-2


def test_a_nonlinearity_loses_gradient_even_at_radius_one() -> None:
    assert gradient_gain(SpectralRadius(), activation="tanh") < 0.1
