"""Made-up regression data."""

from math import cos, pi

import pytest
import torch

from trainers.data import Chebyshev, LinearRegression, OrGate, RandomTargets, TeacherStudent


def test_without_noise_linear_targets_are_linear() -> None:
    dataset = LinearRegression(noise=0.0).read()
    inputs, targets = dataset.inputs.double(), dataset.targets.double()
    weights = torch.linalg.lstsq(inputs, targets).solution
    torch.testing.assert_close(inputs @ weights, targets, atol=1e-5, rtol=0)
    unseen = dataset.eval_inputs.double() @ weights
    torch.testing.assert_close(unseen, dataset.eval_targets.double(), atol=1e-5, rtol=0)


def test_noise_is_as_large_as_asked() -> None:
    dataset = LinearRegression(n=5000, noise=0.5).read()
    inputs, targets = dataset.inputs.double(), dataset.targets.double()
    rest = targets - inputs @ torch.linalg.lstsq(inputs, targets).solution
    assert float(rest.std()) == pytest.approx(0.5, rel=0.05)


def test_the_quadratic_of_theory_has_200_rows_and_20_columns() -> None:
    assert LinearRegression().read().inputs.shape == (200, 20)


@pytest.mark.parametrize("points", ["chebyshev", "even"])
def test_chebyshev_targets_follow_the_polynomial(points: str) -> None:
    dataset = Chebyshev(points=points).read()
    for inputs, targets in ((dataset.inputs, dataset.targets), (dataset.eval_inputs, dataset.eval_targets)):
        x = inputs.double()
        torch.testing.assert_close(targets.double(), 8 * x**4 - 8 * x**2 + 1, atol=1e-5, rtol=0)


def test_chebyshev_points_are_the_nodes() -> None:
    nodes = Chebyshev(n=5).read().inputs[:, 0].tolist()
    assert nodes == pytest.approx([cos(pi * (i + 0.5) / 5) for i in range(5)], abs=1e-6)


def test_even_points_reach_both_ends() -> None:
    inputs = Chebyshev(n=5, points="even").read().inputs[:, 0].tolist()
    assert inputs == pytest.approx([-1, -0.5, 0, 0.5, 1])


def test_or_is_or() -> None:
    dataset = OrGate().read()
    rows = [
        (a, b, target)
        for (a, b), (target,) in zip(dataset.inputs.tolist(), dataset.targets.tolist(), strict=True)
    ]
    assert rows == [(0, 0, 0), (0, 1, 1), (1, 0, 1), (1, 1, 1)]


def test_a_teachers_outputs_are_of_order_one() -> None:
    targets = TeacherStudent(n=4000, outputs=5).read().targets
    assert 0.1 < float(targets.std()) < 2


def test_random_targets_have_nothing_to_do_with_their_inputs() -> None:
    dataset = RandomTargets(n=20_000).read()
    correlations = (dataset.inputs * dataset.targets).mean(dim=0)
    assert float(correlations.abs().max()) < 5 / 20_000**0.5
