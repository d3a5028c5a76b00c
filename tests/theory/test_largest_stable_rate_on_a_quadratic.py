"""The largest stable learning rate on a quadratic, times its largest curvature λ, is a known number.

Along an eigenvector of curvature λ, with a = lr·λ and w the distance from the minimum:

    gradient descent    w ← (1 − a)·w                               bounded up to a = 2
    heavy ball          w′ = (1 + β − a)·w − β·w₋₁                  a = 2 + 2β
    Nesterov            w′ = (1 + β)(1 − a)·w − β(1 − a)·w₋₁        a = (2 + 2β)/(1 + 2β)
    average of grads    heavy ball whose gradients count 1 − β      a = (2 + 2β)/(1 − β)

The last three follow from the characteristic polynomial at its root −1. Adam with a frozen preconditioner P
is the last line in the coordinates P^½·w, where the curvature is λ₁(P⁻¹H): 38 at β = 0.9 (arXiv 2207.14484).
Weight decay adds its factor to every curvature.
"""

from collections.abc import Callable
from math import sqrt
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from sweeps.analysis.edges import find_crossing
from sweeps.analysis.points import LrPoint, tally_outcomes
from sweeps.plan import Plan, make_plan
from sweeps.rounds import Result
from sweeps.spec import parse_spec
from tests.trainers.trials import train
from trainers.initial import InitialRows
from trainers.record import OutcomeName, TrialRecord
from trainers.supervised import Supervised
from trainers.tape import SilentTape
from trainers.trial import PackTrial

REGRESSION = {
    "data": {"kind": "linear_regression", "n": 200, "d": 20},
    "model": {"kind": "mlp", "hidden": []},
    "loss": "half_squared_error",
}
SGD = {"kind": "sgd"}
LOWEST, HIGHEST = 0.25, 1000.0
"""Between these lr·λ the edge is searched."""


def regression(steps: int = 1000, **base: Any) -> dict[str, Any]:
    """What every trial of an edge search shares: full batches in float64."""
    return {"steps": steps, "batch_size": "full", "dtype": "float64", **base}


def search(base: dict[str, Any], curvature: float) -> Plan:
    """An edge search as anybody would submit it; all its trials start from the same weights."""
    document = {
        "name": "quadratic",
        "workload": REGRESSION,
        "base": base,
        "axes": {"optimizer.lr": {"log_uniform": [LOWEST / curvature, HIGHEST / curvature]}},
        "search": {"kind": "edge", "resolution": 1.003, "values_per_round": 40},
        "shared_seeds": True,
    }
    return make_plan(parse_spec(document))


class Start:
    """The loss where the trials of a search start: gradient (P,) and Hessian (P, P)."""

    def __init__(self, base: dict[str, Any]) -> None:
        config = search(base, 1.0).course().start({})[0].config
        workload = Supervised.build(config.workload, "cpu", torch.float64)
        inputs, targets = workload.batch(torch.arange(workload.num_examples).unsqueeze(0))

        def loss(row: Tensor) -> Tensor:
            views = workload.layout.views(row.unsqueeze(0))
            return workload.loss(views, inputs, targets, SilentTape()).sum()

        row = InitialRows()(config, workload)
        self.gradient: Tensor = torch.autograd.functional.jacobian(loss, row)  # type: ignore[no-untyped-call]
        self.hessian: Tensor = torch.autograd.functional.hessian(loss, row)  # type: ignore[no-untyped-call]

    def largest_curvature(self, preconditioner: Tensor | None = None) -> float:
        """λ₁(P⁻¹H) for a diagonal P (P,), by the symmetric P^−½ H P^−½."""
        hessian = self.hessian
        if preconditioner is not None:
            scale = preconditioner.rsqrt()
            hessian = scale.unsqueeze(1) * hessian * scale
        return float(torch.linalg.eigvalsh(hessian)[-1])


def as_judged(record: TrialRecord) -> OutcomeName:
    return record.verdict.outcome


def stable_unless_it_left(record: TrialRecord) -> OutcomeName:
    return "diverged" if record.verdict.outcome in ("diverged", "exploded") else "stable"


def edge(
    base: dict[str, Any], curvature: float, outcome: Callable[[TrialRecord], OutcomeName] = as_judged
) -> float:
    """lr·λ at the edge that the search finds, each of its rounds trained as one pack."""
    course = search(base, curvature).course()
    outcomes: dict[float, OutcomeName] = {}
    waiting = course.start({})
    while waiting:
        records = train([PackTrial(one.number, one.config) for one in waiting], stack_size=len(waiting))
        found = {record.number: outcome(record) for record in records}
        outcomes |= {one.config.optimizer.lr: found[one.number] for one in waiting}
        waiting = course.tell({number: Result(name, None) for number, name in found.items()})
    points = [LrPoint(lr, tally_outcomes([outcomes[lr]]), None, None, None) for lr in sorted(outcomes)]
    crossing = find_crossing(points)
    assert crossing.lower is not None
    assert crossing.upper is not None
    return sqrt(crossing.lower.lr * crossing.upper.lr) * curvature


@pytest.mark.parametrize(
    ("steps", "expected", "fields"),
    [
        (1000, 2.0, {"optimizer": {"kind": "sgd"}}),
        (1000, 3.8, {"optimizer": {"kind": "momentum", "momentum": 0.9}}),
        (1000, 1.357, {"optimizer": {"kind": "nesterov", "momentum": 0.9}}),
        (1000, 38.0, {"optimizer": {"kind": "sgd", "momentum": 0.9, "dampening": 0.9}}),
        (300, 3.0, {"optimizer": {"kind": "momentum", "momentum": 0.5}}),
        (300, 1.5, {"optimizer": {"kind": "nesterov", "momentum": 0.5}}),
        (1000, 38.0, {"optimizer": SGD, "gradient": [{"kind": "update_ema", "gamma": 0.9}]}),
        (300, 6.0, {"optimizer": SGD, "gradient": [{"kind": "update_ema", "gamma": 0.5}]}),
    ],
)
def test_the_edge_is_where_theory_puts_it(steps: int, expected: float, fields: dict[str, Any]) -> None:
    curvature = Start(regression(optimizer=SGD)).largest_curvature()
    assert edge(regression(steps, **fields), curvature) == pytest.approx(expected, rel=0.01)


def test_momentum_that_overshoots_for_long_keeps_its_edge() -> None:
    """At β = 0.99 runs below the edge peak far above their start, which is spiky, and come back."""
    base = regression(optimizer={"kind": "sgd", "momentum": 0.99})
    curvature = Start(regression(optimizer=SGD)).largest_curvature()
    assert edge(base, curvature, stable_unless_it_left) == pytest.approx(3.98, rel=0.01)


@pytest.mark.parametrize(
    ("kind", "beta1", "warmup_steps", "expected"),
    [("adam", 0.9, 100, 38.0), ("adam", 0.0, 1, 2.0), ("adamw", 0.5, 1, 6.0)],
)
def test_adam_with_a_frozen_preconditioner_has_its_edge_on_the_preconditioned_curvature(
    kind: str, beta1: float, warmup_steps: int, expected: float
) -> None:
    """The warm-up takes off what the correction of the mean's start puts on the first steps, 1/(1 − β)."""
    adam = {"kind": kind, "beta1": beta1, "weight_decay": 0.0, "frozen_after": 1}
    warmup = {"kind": "linear_warmup", "warmup_steps": warmup_steps}
    fields = regression(optimizer=adam, schedule=warmup)
    start = Start(fields)
    preconditioner = start.gradient.abs() + 1e-8  # √v̂ + ε of the only gradient that v has seen
    assert preconditioner.max() > 10 * preconditioner.min(), "P must not be a mere number"
    assert edge(fields, start.largest_curvature(preconditioner)) == pytest.approx(expected, rel=0.01)


@pytest.mark.parametrize(
    "decay",
    [
        {"optimizer": {"kind": "sgd", "weight_decay": 2.0}},
        {"optimizer": SGD, "regularisers": [{"kind": "l2", "weight": 2.0}]},
    ],
)
def test_weight_decay_adds_to_the_curvature(decay: dict[str, Any]) -> None:
    curvature = Start(regression(optimizer=SGD)).largest_curvature() + 2.0
    assert edge(regression(300, **decay), curvature) == pytest.approx(2.0, rel=0.01)


@pytest.mark.parametrize(("steps", "window", "bias"), [(50, 20, 0.02), (500, 50, 0.002)])
def test_a_short_horizon_puts_the_edge_too_high(steps: int, window: int, bias: float) -> None:
    """Beyond lr·λ = 2 a run grows, but one that began with little along the steepest direction grows late."""
    start = Start(regression(optimizer=SGD))
    found = edge(regression(steps, optimizer=SGD), start.largest_curvature(), stable_unless_it_left)
    assert found / 2.0 - 1.0 == pytest.approx(bias, rel=0.5), "how much depends on the start"
    assert found == pytest.approx(product_that_returns(start, steps, window), rel=0.005)


def product_that_returns(start: Start, steps: int, window: int) -> float:
    """lr·λ at which the last `window` losses of gradient descent average the first one, in closed form."""
    curvatures, directions = torch.linalg.eigh(start.hessian)
    weights = (directions.T @ start.gradient).square() / curvatures  # λ·distance² along each direction (P,)
    powers = 2 * torch.arange(steps - window, steps).unsqueeze(1)

    def rise(product: float) -> float:
        shrunk = (1 - product * curvatures / curvatures[-1]) ** powers  # (window, P)
        return float((weights * (shrunk - 1)).sum())

    return float(next(product for product in np.linspace(2.0, 2.2, 2001) if rise(product) >= 0))
