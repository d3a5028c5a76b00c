"""A linear recurrence with W = ρQ multiplies a gradient by exactly ρ per step back in time."""

import pytest
import torch
from torch import Tensor

from tests.trainers.initializers.harness import dense, draw
from trainers.initializers import Orthogonal, SpectralRadius

NUM_STEPS = 50
NUM_UNITS = 50


def _gradient_gain(weight: Tensor) -> float:
    """Norm of a loss's gradient at the first state over that at the last, through a linear recurrence."""
    random = torch.Generator().manual_seed(1)
    first = torch.randn(NUM_UNITS, generator=random, dtype=torch.float64).requires_grad_()
    state = first
    for _ in range(NUM_STEPS):
        state = weight @ state + torch.randn(NUM_UNITS, generator=random, dtype=torch.float64)
    at_first, at_last = torch.autograd.grad((state**3).sum(), [first, state])
    return float(torch.linalg.vector_norm(at_first) / torch.linalg.vector_norm(at_last))


@pytest.mark.parametrize(("radius", "gain"), [(0.9, 0.005154), (1.0, 1.0), (1.1, 117.39)])
@pytest.mark.parametrize("seed", range(3))
def test_the_gain_is_the_radius_to_the_power_of_time(radius: float, gain: float, seed: int) -> None:
    weight = draw(SpectralRadius(radius=radius), dense(NUM_UNITS, NUM_UNITS, "recurrent"), seed)
    assert _gradient_gain(weight) == pytest.approx(radius**NUM_STEPS, rel=1e-6)
    assert _gradient_gain(weight) == pytest.approx(gain, rel=1e-4)


def test_orthogonal_weights_times_a_gain_are_the_same_recurrence() -> None:
    weight = draw(Orthogonal(gain=1.1), dense(NUM_UNITS, NUM_UNITS, "recurrent"))
    assert _gradient_gain(weight) == pytest.approx(1.1**NUM_STEPS, rel=1e-6)


def test_a_normal_matrix_of_the_same_radius_is_not_bound_to_it() -> None:
    weight = draw(SpectralRadius(form="normal"), dense(NUM_UNITS, NUM_UNITS, "recurrent"))
    assert abs(_gradient_gain(weight) - 1) > 1e-2
