"""The critical line of tanh networks and the depth that signals reach below it, arXiv 1611.01232."""

import math

import numpy as np
import pytest
import torch

from tests.trainers.initializers.harness import dense
from trainers.initializers import MeanField
from trainers.layout import ParameterSpec
from trainers.seeds import generator
from trainers.theory.mean_field import (
    correlation_length,
    critical_point,
    critical_sigma_b2,
    gradient_factor,
    gradient_slope,
    variance_fixed_point,
)

CRITICAL = [(1.05, 2.01e-5), (1.2, 1.17e-3), (1.5, 0.0158), (1.761, 0.05), (1.986, 0.1), (2.5, 0.297)]


@pytest.mark.parametrize(("sigma_w2", "sigma_b2"), CRITICAL)
def test_the_critical_line_of_tanh_is_where_theory_puts_it(sigma_w2: float, sigma_b2: float) -> None:
    assert critical_sigma_b2(sigma_w2) == pytest.approx(sigma_b2, rel=5e-3)
    assert gradient_slope("tanh", sigma_w2, critical_sigma_b2(sigma_w2)) == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize(("sigma_w2", "length"), [(1.0, 3.63), (1.25, 6.80)])
def test_signals_reach_as_deep_as_theory_says(sigma_w2: float, length: float) -> None:
    assert correlation_length("tanh", sigma_w2, 0.05) == pytest.approx(length, abs=0.005)


def test_the_length_grows_without_end_towards_the_critical_line() -> None:
    lengths = [correlation_length("tanh", sigma_w2, 0.05) for sigma_w2 in (1.0, 1.5, 1.7, 1.75)]
    assert lengths == sorted(lengths)
    assert lengths[-1] > 100


def test_no_length_is_given_on_the_chaotic_side() -> None:
    with pytest.raises(ValueError, match="above 1"):
        correlation_length("tanh", 2.5, 0.05)


@pytest.mark.parametrize("variance", [1e-3, 0.3, 2.0, 20.0])
def test_a_critical_point_has_the_variance_that_it_was_made_for(variance: float) -> None:
    sigma_w2, sigma_b2 = critical_point(variance)
    assert variance_fixed_point("tanh", sigma_w2, sigma_b2) == pytest.approx(variance, rel=1e-4)


@pytest.mark.parametrize(
    ("activation", "sigma_w2", "slope"),
    [
        ("relu", 1.0, math.log(0.5)),
        ("relu", 2.0, 0.0),
        ("relu", 2.5, math.log(1.25)),
        ("linear", 1.0, 0.0),
        ("tanh", 1.0, -0.276),
        ("tanh", 1.761, 0.0),
        ("tanh", 2.5, 0.125),
    ],
)
def test_gradients_change_per_layer_by_the_slope_of_theory(
    activation: str, sigma_w2: float, slope: float
) -> None:
    sigma_b2 = 0.05 if activation == "tanh" else 0.0
    assert gradient_slope(activation, sigma_w2, sigma_b2) == pytest.approx(slope, abs=5e-4)  # type: ignore[arg-type]


def test_variances_of_scale_free_activations_are_solved_exactly() -> None:
    assert variance_fixed_point("relu", 1.0, 0.3) == pytest.approx(0.6)
    assert variance_fixed_point("relu", 2.5, 0.3) == math.inf
    assert variance_fixed_point("linear", 0.5, 0.0) == 0
    assert gradient_factor("linear", 0.5, 0.0) == 0.5


@pytest.mark.parametrize("sigma_w2", [1.0, 1.761, 2.5])
def test_the_mean_field_initializer_gives_layers_the_variance_of_theory(sigma_w2: float) -> None:
    init, width, random = MeanField(sigma_w2=sigma_w2, sigma_b2=0.05), 1000, generator(0)
    values = torch.randn(width, 20, generator=random, dtype=torch.float64)
    variances = []
    for _ in range(25):
        weight = init.weight(dense(width, width), random)
        bias = init.bias(ParameterSpec("bias", (width,), "bias", "dense1", width, width), random)
        values = weight @ torch.tanh(values) + bias.unsqueeze(1)
        variances.append(values.square().mean().item())
    expected = variance_fixed_point("tanh", sigma_w2, 0.05)
    assert np.mean(variances[10:]) == pytest.approx(expected, rel=0.04)
