"""What models are told is finite whatever trials do, and keeps what is broken apart from what is not."""

import math

import pytest

from sweeps.rounds import Result
from sweeps.rounds.told import told_of, with_clearances
from sweeps.search import Uniform
from trainers.record import OutcomeName


def told(*losses: float | None, outcome: OutcomeName = "stable", mode: str = "min") -> list[float]:
    entries = [({"x": index}, [Result(outcome, loss)]) for index, loss in enumerate(losses)]
    return [entry.value for entry in told_of(entries, mode)]  # type: ignore[arg-type]


def test_finite_objectives_are_told_as_they_are() -> None:
    assert told(0.3, 0.5, 2.0) == [0.3, 0.5, 2.0]
    assert told(0.3, 0.5, mode="max") == [-0.3, -0.5]


@pytest.mark.parametrize("broken", [None, math.nan, math.inf, 1e300, -math.inf])
def test_what_is_not_finite_is_told_as_worse_than_everything_finite_but_not_by_much(broken: float) -> None:
    values = told(0.3, 0.5, broken, 0.9)
    assert all(map(math.isfinite, values))
    assert values[2] == pytest.approx(0.9 + 0.6)


def test_a_loss_on_its_way_to_infinity_does_not_hide_the_differences_among_the_others() -> None:
    values = told(0.3, 0.5, 0.9, 1e12, 0.4)
    assert values[3] == pytest.approx(0.9 + 0.6)


def test_where_nothing_is_finite_everything_is_told_as_equal() -> None:
    assert told(None, None, None) == [0.0, 0.0, 0.0]


@pytest.mark.parametrize(("num_stable", "feasible"), [(0, False), (1, False), (2, True), (4, True)])
def test_a_configuration_is_feasible_when_half_of_its_seeds_are_stable(
    num_stable: int, feasible: bool
) -> None:
    results = [Result("stable" if index < num_stable else "exploded", 0.1) for index in range(4)]
    (entry,) = told_of([({}, results)], "min")
    assert (entry.infeasibility <= 0) == feasible


def test_failed_trials_are_left_out_and_a_configuration_of_nothing_else_is_not_told() -> None:
    mixed = [Result("failed", None), Result("stable", 0.25)]
    assert [entry.value for entry in told_of([({}, mixed), ({"x": 1}, mixed[:1])], "min")] == [0.25]


def test_clearances_are_told_beside_the_value_with_less_being_better() -> None:
    axes = {"x": Uniform(uniform=(0, 10))}
    entries = [({"x": 2.0}, [Result("stable", 0.3)]), ({"x": 6.0}, [Result("exploded", None)])]
    told = told_of(entries, "min")
    assert [len(entry.values) for entry in told] == [1, 1]
    near, broken = with_clearances(told, axes)
    assert near.values == pytest.approx([0.3, -0.4])
    assert broken.values == pytest.approx([broken.value, 0.0])
