"""Scales: values to pixels, and round ticks."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sweeps.report.scale import linear_scale, log_scale


def test_a_log_scale_puts_the_geometric_mean_in_the_middle() -> None:
    scale = log_scale([0.01, 100], 0, 200)
    assert scale(1.0) == pytest.approx(100)
    assert [label for _, label in scale.ticks(6)] == ["0.01", "0.1", "1", "10", "100"]


def test_a_linear_scale_has_round_ticks() -> None:
    assert [label for _, label in linear_scale([0, 200], 0, 100).ticks(6)] == ["0", "50", "100", "150", "200"]


def test_a_scale_turned_around_grows_upwards() -> None:
    scale = linear_scale([0, 10], 100, 0)
    assert scale(10) == pytest.approx(0)
    assert scale(0) == pytest.approx(100)


@pytest.mark.parametrize("values", [[], [3.0], [0.0], [float("nan"), float("inf")]])
@pytest.mark.parametrize("make", [linear_scale, log_scale])
def test_a_scale_of_nothing_or_one_value_still_works(make: object, values: list[float]) -> None:
    scale = (linear_scale if make is linear_scale else log_scale)(values, 0, 100)
    assert 0 <= scale(3.0) <= 100
    assert scale.ticks()


@settings(max_examples=50)
@given(st.lists(st.floats(1e-30, 1e30), min_size=2), st.integers(2, 10))
def test_ticks_lie_inside_and_are_few(values: list[float], most: int) -> None:
    scale = log_scale(values, 0, 100)
    ticks = scale.ticks(most)
    assert 1 <= len(ticks) <= max(most, 2) + 1
    assert all(-0.5 <= at <= 100.5 for at, _ in ticks)


@settings(max_examples=50)
@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_value_outside_is_drawn_at_the_border(value: float) -> None:
    assert 0 <= linear_scale([-1, 1], 0, 100)(value) <= 100
