import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainers.bracket import Bracket, find_edge, first_crossing


@given(st.floats(0.02, 50.0), st.integers(2, 12))
def test_the_edge_is_inside_a_bracket_of_the_wanted_width(edge: float, num_points: int) -> None:
    found = find_edge(
        lambda values: [value <= edge for value in values],
        0.01,
        100.0,
        num_points=num_points,
        resolution=0.01,
    )
    assert found.low <= edge < found.high
    assert found.width <= 0.01
    assert found.middle == pytest.approx(edge, rel=0.01)


def test_an_edge_outside_the_range_leaves_the_bracket_open() -> None:
    always = find_edge(lambda values: [True] * len(values), 1.0, 2.0, num_points=4, resolution=0.1)
    never = find_edge(lambda values: [False] * len(values), 1.0, 2.0, num_points=4, resolution=0.1)
    assert always == Bracket(2.0, float("inf"))
    assert never == Bracket(0.0, 1.0)


def test_an_island_of_stability_beyond_the_edge_does_not_move_it() -> None:
    assert first_crossing([1.0, 2.0, 3.0], [True, False, True]) == Bracket(1.0, 2.0)
    assert first_crossing([], []) == Bracket(0.0, float("inf"))
