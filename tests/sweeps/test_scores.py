from dataclasses import replace
from math import inf, isfinite, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sweeps.scores import WORST, finite_score, objective_of
from tests.sweeps.small_sweep import small_plan
from trainers.failure import failed_record
from trainers.pack import PackTrial
from trainers.record import TrialRecord


def failed() -> TrialRecord:
    trial = small_plan().trials[0]
    return failed_record(PackTrial(trial.number, trial.config), RuntimeError("boom"))


@given(st.floats(allow_nan=True, allow_infinity=True), st.sampled_from(["min", "max"]))
def test_every_score_is_finite(objective: float, mode: str) -> None:
    assert isfinite(finite_score(objective, mode))  # type: ignore[arg-type]


@given(st.floats(allow_nan=False, allow_infinity=False), st.sampled_from(["min", "max"]))
@pytest.mark.parametrize("broken", [nan, inf, -inf, None])
def test_a_trial_without_a_finite_objective_is_worse_than_any_finite_one(
    broken: float | None, objective: float, mode: str
) -> None:
    assert finite_score(broken, mode) > finite_score(objective, mode)  # type: ignore[arg-type]


@given(st.floats(-1e20, 1e20), st.floats(-1e20, 1e20))
def test_a_better_objective_has_a_smaller_score(one: float, other: float) -> None:
    assert (finite_score(one, "min") < finite_score(other, "min")) == (one < other)
    assert (finite_score(one, "max") < finite_score(other, "max")) == (one > other)


@pytest.mark.parametrize(("measured", "objective"), [(0.5, 0.5), (None, None), (nan, None), (inf, None)])
def test_an_objective_is_finite_or_none(measured: float | None, objective: float | None) -> None:
    record = replace(failed(), final={"eval_loss": measured})
    assert objective_of(record, "eval_loss") == objective


def test_an_objective_that_was_not_measured_is_none() -> None:
    assert objective_of(failed(), "eval_accuracy") is None


def test_the_worst_score_is_above_the_cap() -> None:
    assert finite_score(1e300, "min") < WORST
