"""What holds for the outcome of every run, however it went."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from tests.trainers.outcomes.runs import run
from trainers.outcomes import TrainedRun, judge, stability_score
from trainers.outcomes.score import BANDS
from trainers.record import OUTCOMES

ANY_FLOAT = st.floats(allow_nan=True, allow_infinity=True)
FINITE = st.floats(-1e30, 1e30)
POSITIVE = st.floats(0.0, 1e30)


def series(draw: st.DrawFn, n: int, elements: st.SearchStrategy[float]) -> np.ndarray:
    return draw(arrays.arrays(np.float64, n, elements=elements))


@st.composite
def wild_runs(draw: st.DrawFn, losses: st.SearchStrategy[float] = ANY_FLOAT) -> TrainedRun:
    """Any numbers at all, in any number of steps."""
    n = draw(st.integers(1, 60))
    names = ("grad_norm", "update_ratio", "weight_norm", "grad_cosine")
    statistics = {name: series(draw, n, ANY_FLOAT) for name in names}
    layers = tuple(draw(st.lists(ANY_FLOAT, min_size=1, max_size=3)))
    baseline = draw(st.none() | FINITE)
    return run(series(draw, n, losses), layers=layers, baseline=baseline, **statistics)


@st.composite
def finite_runs(draw: st.DrawFn) -> TrainedRun:
    """A loss that goes from one level to another with noise, a jump and a bounce."""
    n = draw(st.integers(2, 300))
    start, end = draw(st.floats(0.5, 4.0)), draw(st.floats(1e-3, 6.0))
    noise, jump = draw(st.sampled_from([0.0, 0.01, 0.3])), draw(st.sampled_from([0.0, 0.5, 5.0]))
    course = end + (start - end) * np.exp(-np.arange(n) / draw(st.sampled_from([3.0, 30.0, 300.0])))
    loss = np.abs(course + noise * np.random.default_rng(n).standard_normal(n)) + 1e-6
    loss[draw(st.integers(0, n - 1))] += jump
    return run(
        loss,
        grad_norm=np.full(n, draw(st.sampled_from([1e-9, 1.0]))),
        grad_cosine=np.full(n, draw(st.sampled_from([-1.0, -0.5, 0.3]))),
        layers=(draw(st.sampled_from([1e-7, 1.0])), 1.0),
        baseline=draw(st.sampled_from([None, 2.0])),
    )


def scaled(trained: TrainedRun, factor: float) -> TrainedRun:
    """The run of a loss function that is `factor` times as large, with a learning rate as much smaller."""
    steps = trained.series
    return replace(
        trained,
        series=replace(steps, loss=factor * steps.loss, grad_norm=factor * steps.grad_norm),
        layer_grad_norms=factor * trained.layer_grad_norms,
        baseline_loss=None if trained.baseline_loss is None else factor * trained.baseline_loss,
    )


@given(wild_runs())
def test_every_run_has_an_outcome_and_a_score_in_its_band(trained: TrainedRun) -> None:
    verdict = judge(trained)
    assert verdict.outcome in OUTCOMES
    low, high = BANDS[verdict.outcome]
    assert low <= stability_score(trained, verdict.outcome) <= high


@given(finite_runs(), st.data())
@pytest.mark.parametrize("statistic", ["loss", "grad_norm", "weight_norm", "update_ratio"])
def test_one_number_that_is_not_finite_is_an_explosion_at_its_step(
    statistic: str, trained: TrainedRun, data: st.DataObject
) -> None:
    step = data.draw(st.integers(0, trained.series.num_steps - 1))
    values = getattr(trained.series, statistic).copy()
    values[step] = data.draw(st.sampled_from([np.nan, np.inf, -np.inf]))
    verdict = judge(replace(trained, series=replace(trained.series, **{statistic: values})))
    assert verdict.outcome == "exploded"
    is_of_update_before = statistic == "weight_norm" and step > 0
    assert verdict.evidence.step == (step - 1 if is_of_update_before else step)


@given(finite_runs(), st.integers(-12, 12))
def test_the_unit_of_the_loss_does_not_matter(trained: TrainedRun, power: int) -> None:
    assert judge(scaled(trained, 2.0**power)).outcome == judge(trained).outcome


@given(finite_runs())
def test_the_order_of_inner_layers_does_not_matter(trained: TrainedRun) -> None:
    norms = np.tile([1e-3, 5.0, 0.0, 1.0], (8, 1))
    names = ("first", "second", "third", "last")
    one, other = (
        replace(trained, layer_names=tuple(names[i] for i in order), layer_grad_norms=norms[:, order])
        for order in ([0, 1, 2, 3], [0, 2, 1, 3])
    )
    assert judge(one) == judge(other)


@given(wild_runs(losses=FINITE))
def test_judging_twice_gives_the_same_evidence(trained: TrainedRun) -> None:
    assert repr(judge(trained)) == repr(judge(trained))
