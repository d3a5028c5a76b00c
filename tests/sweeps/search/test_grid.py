from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from sweeps.search import Assignment, Grid, GridSearch, Space, Values

SIZES = st.lists(st.integers(1, 4), min_size=1, max_size=4)
PARENTS = st.lists(st.none() | st.integers(0, 3), min_size=4, max_size=4)


def look_up(assignment: Assignment, path: str) -> Any:
    return assignment.get(path)


def drawn(space: Space) -> list[Assignment]:
    return list(GridSearch().draw(space, 0))


def test_the_last_axis_changes_fastest() -> None:
    space = Space({"a": Values(values=(1, 2)), "b": Values(values=("x", "y"))}, look_up)
    assert [tuple(one.values()) for one in drawn(space)] == [(1, "x"), (1, "y"), (2, "x"), (2, "y")]


def test_a_conditional_axis_multiplies_only_where_it_exists() -> None:
    space = Space(
        {"norm": Values(values=(1, 2), when={"clip": "on"}), "clip": Values(values=("off", "on"))}, look_up
    )
    assert drawn(space) == [{"clip": "off"}, {"norm": 1, "clip": "on"}, {"norm": 2, "clip": "on"}]
    assert GridSearch().count(space, 100) == 3


def test_without_axes_there_is_one_configuration() -> None:
    assert drawn(Space({}, look_up)) == [{}]
    assert GridSearch().count(Space({}, look_up), 10) == 1


def test_a_huge_grid_is_counted_and_never_expanded() -> None:
    axes = {name: Grid(grid=(0, 1, 10**6)) for name in "abc"}
    assert GridSearch().count(Space(axes, look_up), 1000) == 10**18


def test_a_huge_conditional_grid_is_bounded_without_being_walked() -> None:
    axes = {"a": Grid(grid=(0, 1, 10**9)), "b": Values(values=(1, 2), when={"a": 0})}
    assert GridSearch().count(Space(axes, look_up), 1000) == 2 * 10**9


@given(SIZES, PARENTS)
def test_the_count_is_that_of_the_draws(sizes: list[int], parents: list[int | None]) -> None:
    axes = {}
    for number, size in enumerate(sizes):
        parent = parents[number]
        when = {f"a{parent}": 1} if parent is not None and parent < number else {}
        axes[f"a{number}"] = Values(values=tuple(range(size)), when=when)
    space = Space(axes, look_up)
    configurations = drawn(space)
    assert GridSearch().count(space, 10_000) == len(configurations)
    assert len({tuple(one.items()) for one in configurations}) == len(configurations)
