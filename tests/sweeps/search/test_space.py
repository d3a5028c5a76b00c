from typing import Any

from sweeps.search import Assignment, Space, Values
from sweeps.search.space import overlap


def look_up(assignment: Assignment, path: str) -> Any:
    return assignment.get(path, "shared")


def axis(*values: Any, **when: Any) -> Values:
    return Values(values=values, when=when)


def test_an_axis_comes_after_the_axes_that_its_condition_looks_at() -> None:
    space = Space({"c": axis(1, b=2), "b": axis(2, a=1), "a": axis(1)}, look_up)
    assert space.order == ("a", "b", "c")
    assert space.conditions == {"a", "b"}
    assert space.cycle == ()


def test_axes_without_conditions_keep_the_order_as_written() -> None:
    assert Space({"b": axis(1), "a": axis(1), "c": axis(1)}, look_up).order == ("b", "a", "c")


def test_conditions_that_wait_for_each_other_are_named() -> None:
    assert Space({"a": axis(1, b=1), "b": axis(1, a=1), "c": axis(1)}, look_up).cycle == ("a", "b")


def test_an_axis_exists_where_every_condition_holds() -> None:
    space = Space({"a": axis(1, 2), "b": axis(3, a=[1, 5], other="shared")}, look_up)
    assert space.exists("b", {"a": 1})
    assert not space.exists("b", {"a": 2})
    assert not Space({"b": axis(3, other="else")}, look_up).exists("b", {})


def test_an_assignment_is_written_in_the_order_of_the_spec() -> None:
    space = Space({"b": axis(3, a=1), "a": axis(1)}, look_up)
    assert list(space.assign(lambda path: 0.0)) == ["b", "a"]


def test_paths_overlap_when_one_holds_the_other() -> None:
    assert overlap("clip", "clip.kind")
    assert overlap("clip.kind", "clip")
    assert not overlap("clip", "clipped")
