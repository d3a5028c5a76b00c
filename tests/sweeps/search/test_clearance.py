"""Clearances: shares of ranges, between 0 and 1 whatever was tried."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sweeps.search import Domain, IntUniform, LogUniform, Uniform, Values, clearances

AXES: dict[str, Domain] = {
    "lr": LogUniform(log_uniform=(0.01, 100)),
    "clip": Values(values=("none", "norm")),
    "norm": Uniform(uniform=(0, 10)),
    "batch": IntUniform(int_uniform=(16, 16)),
}


def found(*entries: tuple[dict[str, Any], bool]) -> list[float]:
    return clearances(AXES, [assignment for assignment, _ in entries], [stable for _, stable in entries])


def test_a_clearance_is_the_largest_difference_as_a_share_of_its_range_to_the_nearest_unstable_one() -> None:
    near, far = {"lr": 1, "clip": "norm", "norm": 5.0}, {"lr": 0.1, "clip": "norm", "norm": 2.0}
    broken = {"lr": 10, "clip": "norm", "norm": 6.0}
    assert found((near, True), (far, True), (broken, False)) == pytest.approx([0.25, 0.5, 0.0])


def test_another_listed_value_or_an_axis_that_is_not_there_is_a_whole_range_away() -> None:
    broken = ({"lr": 1, "clip": "norm", "norm": 5.0}, False)
    assert found(({"lr": 1, "clip": "none"}, True), broken)[0] == 1.0
    assert found(({"lr": 1, "clip": "norm"}, True), broken)[0] == 1.0


def test_where_nothing_is_unstable_every_clearance_is_whole_and_of_nothing_there_is_none() -> None:
    assert found(({"lr": 1}, True), ({"lr": 2}, True)) == [1.0, 1.0]
    assert found() == []


def test_a_range_without_width_and_a_space_without_axes_part_nothing() -> None:
    assert found(({"batch": 16}, True), ({"batch": 16}, False)) == [0.0, 0.0]
    assert clearances({}, [{}, {}], [True, False]) == [0.0, 0.0]


@given(st.lists(st.tuples(st.floats(0.01, 100), st.booleans()), max_size=20), st.randoms())
def test_order_changes_nothing_and_more_trials_never_make_a_clearance_larger(
    trials: list[tuple[float, bool]], order: Any
) -> None:
    entries = [({"lr": lr}, stable) for lr, stable in trials]
    before = found(*entries)
    assert all(0.0 <= clearance <= 1.0 for clearance in before)
    shuffled = list(range(len(entries)))
    order.shuffle(shuffled)
    assert found(*(entries[index] for index in shuffled)) == [before[index] for index in shuffled]
    more = found(*entries, ({"lr": 3.0}, False))
    assert all(late <= early for early, late in zip(before, more, strict=False))
