"""Searches of kind edge, as users write them, put the edge of a quadratic where theory has it."""

from typing import Any

import pytest
import torch

from sweeps.analysis.edges import Edge, find_edge
from sweeps.analysis.points import LrPoint, tally_outcomes
from sweeps.plan import make_plan
from sweeps.spec import parse_spec
from tests.sweeps.rounds.driving import trained
from trainers.data.regression import LinearRegression

NUM_STEPS = 1000
DATA = LinearRegression(n=200, d=20)


def largest_curvature() -> float:
    """λ_max of the Hessian of the mean squared error, 2XᵀX/n."""
    inputs = DATA.read().inputs.double()
    return 2 * float(torch.linalg.eigvalsh(inputs.T @ inputs / DATA.n)[-1])


def edge_of(optimizer: dict[str, Any]) -> tuple[Edge, int]:
    """The edge in units of 1/λ_max, and the trials that it took."""
    curvature = largest_curvature()
    document = {
        "name": "quadratic",
        "workload": {
            "data": {"kind": "linear_regression", "n": DATA.n, "d": DATA.d},
            "model": {"kind": "mlp", "hidden": [], "bias": False},
        },
        "base": {"steps": NUM_STEPS, "batch_size": "full", "dtype": "float64", "optimizer": optimizer},
        "axes": {"optimizer.lr": {"log_uniform": [0.05 / curvature, 50 / curvature]}},
        "search": {"kind": "edge", "resolution": 1.005},
    }
    ended = trained(make_plan(parse_spec(document)))
    points = [
        LrPoint(
            trial.config.optimizer.lr * curvature, tally_outcomes([record.verdict.outcome]), None, None, None
        )
        for trial, record in ended
    ]
    return find_edge(sorted(points, key=lambda point: point.lr), NUM_STEPS), len(ended)


@pytest.mark.parametrize(
    ("optimizer", "expected"),
    [
        ({"kind": "sgd"}, 2.0),
        ({"kind": "momentum", "momentum": 0.9}, 3.8),
        ({"kind": "nesterov", "momentum": 0.9}, 1.357),
    ],
    ids=["gd", "heavy-ball", "nesterov"],
)
def test_the_edge_is_where_theory_puts_it(optimizer: dict[str, Any], expected: float) -> None:
    edge, num_trials = edge_of(optimizer)
    assert edge.status == "bracketed"
    assert edge.lower == pytest.approx(expected, rel=0.01)
    assert edge.upper == pytest.approx(expected, rel=0.01)
    assert num_trials < 30
