"""What holds for every schedule."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from tests.trainers.aspects import shows
from trainers.catalogue import alternatives
from trainers.schedules import (
    Constant,
    Cosine,
    InverseSqrt,
    LinearWarmup,
    OneCycle,
    Schedule,
    ScheduleConfig,
    Step,
)

KINDS = [kind() for kind in alternatives(ScheduleConfig)]
RUNS = st.integers(1, 10**7).flatmap(lambda n: st.tuples(st.integers(0, n - 1), st.just(n)))


@shows("invariant", of=KINDS)
@pytest.mark.parametrize("schedule", KINDS, ids=lambda schedule: schedule.kind)
@given(run=RUNS)
def test_a_factor_is_finite_and_never_negative_or_above_one(schedule: Schedule, run: tuple[int, int]) -> None:
    factor = schedule.factor(*run)
    assert 0 <= factor <= 1 + 1e-12


@pytest.mark.parametrize("schedule", KINDS, ids=lambda schedule: schedule.kind)
def test_a_run_of_one_step_has_a_rate_above_zero(schedule: Schedule) -> None:
    assert schedule.factor(0, 1) > 0


@pytest.mark.parametrize("schedule", KINDS, ids=lambda schedule: schedule.kind)
def test_a_kind_is_found_by_its_name(schedule: Schedule) -> None:
    assert TypeAdapter(ScheduleConfig).validate_python(schedule.model_dump()) == schedule


@shows("reference", of=[Constant])
@given(RUNS)
def test_constant_is_constant(run: tuple[int, int]) -> None:
    assert Constant().factor(*run) == 1


@given(st.integers(1, 1000))
def test_the_last_warm_up_step_has_the_full_rate(warmup_steps: int) -> None:
    for schedule in (LinearWarmup(warmup_steps=warmup_steps), InverseSqrt(warmup_steps=warmup_steps)):
        assert schedule.factor(warmup_steps - 1, 10_000) == pytest.approx(1.0)
        assert schedule.factor(0, 10_000) == pytest.approx(1 / warmup_steps)


@shows("reference", of=[InverseSqrt])
def test_inverse_square_root_halves_when_steps_quadruple() -> None:
    schedule = InverseSqrt(warmup_steps=100)
    assert schedule.factor(399, 1000) == pytest.approx(0.5)
    assert schedule.factor(1599, 10_000) == pytest.approx(0.25)


def test_a_cosine_warms_up_first_and_then_falls_to_its_last_fraction() -> None:
    schedule = Cosine(warmup_steps=10, final=0.2)
    assert [schedule.factor(step, 110) for step in (0, 4, 9, 10)] == pytest.approx([0.1, 0.5, 1.0, 1.0])
    assert schedule.factor(60, 110) == pytest.approx(0.6)
    assert schedule.factor(110, 110) == pytest.approx(0.2)


def test_a_cosine_whose_warm_up_outlasts_the_run_only_rises() -> None:
    factors = [Cosine(warmup_steps=50).factor(step, 20) for step in range(20)]
    assert factors == sorted(factors)


def test_one_cycle_rises_once_and_falls_once() -> None:
    factors = [OneCycle().factor(step, 100) for step in range(100)]
    peak = factors.index(max(factors))
    assert peak == 29
    assert factors[: peak + 1] == sorted(factors[: peak + 1])
    assert factors[peak:] == sorted(factors[peak:], reverse=True)


@pytest.mark.parametrize("broken", [{"gamma": 0.0}, {"gamma": 1.1}, {"every": 0}, {"gamma": math.nan}])
def test_impossible_steps_are_refused(broken: dict[str, float]) -> None:
    with pytest.raises(ValidationError):
        Step(**broken)
