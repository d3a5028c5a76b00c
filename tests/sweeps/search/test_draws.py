from typing import Any

import pytest

from sweeps.search import (
    Assignment,
    IntUniform,
    LogUniform,
    RandomSearch,
    SobolSearch,
    Space,
    Uniform,
    Values,
)

AXES = {
    "lr": LogUniform(log_uniform=(1e-3, 10)),
    "clip": Values(values=("on", "off")),
    "norm": Uniform(uniform=(0, 1), when={"clip": "on"}),
    "width": IntUniform(int_uniform=(8, 64)),
}
SEARCHES = [RandomSearch(trials=200), SobolSearch(trials=200)]


def look_up(assignment: Assignment, path: str) -> Any:
    return assignment.get(path)


def drawn(search: RandomSearch | SobolSearch, seed: int = 0, **changes: Any) -> list[Assignment]:
    return list(search.draw(Space(AXES | changes, look_up), seed))


@pytest.mark.parametrize("search", SEARCHES, ids=lambda search: search.kind)
def test_as_many_are_drawn_as_asked_for(search: RandomSearch | SobolSearch) -> None:
    assert len(drawn(search)) == search.count(Space(AXES, look_up), 10) == 200


@pytest.mark.parametrize("search", SEARCHES, ids=lambda search: search.kind)
def test_the_seed_decides_every_draw(search: RandomSearch | SobolSearch) -> None:
    assert drawn(search, 1) == drawn(search, 1)
    assert drawn(search, 1) != drawn(search, 2)


@pytest.mark.parametrize("search", SEARCHES, ids=lambda search: search.kind)
def test_a_conditional_axis_is_drawn_only_where_it_exists(search: RandomSearch | SobolSearch) -> None:
    for one in drawn(search):
        assert ("norm" in one) == (one["clip"] == "on")


@pytest.mark.parametrize("search", SEARCHES, ids=lambda search: search.kind)
def test_half_of_the_log_draws_lie_below_the_geometric_mean(search: RandomSearch | SobolSearch) -> None:
    below = sum(one["lr"] < 0.1 for one in drawn(search))
    assert 75 <= below <= 125


def test_sobol_draws_fill_every_eighth_of_an_axis_equally() -> None:
    draws = drawn(SobolSearch(trials=64))
    eighths = [int((one["width"] - 8) / 57 * 8) for one in draws]
    assert max(eighths.count(part) for part in range(8)) <= 10
    assert min(eighths.count(part) for part in range(8)) >= 6


def test_a_random_draw_does_not_depend_on_other_axes_or_on_how_many_are_drawn() -> None:
    some = drawn(RandomSearch(trials=5))
    more = drawn(RandomSearch(trials=9), extra=Uniform(uniform=(0, 1)))
    assert [one["lr"] for one in some] == [one["lr"] for one in more[:5]]


def test_draws_without_axes_are_empty() -> None:
    space = Space({}, look_up)
    assert (
        list(SobolSearch(trials=2).draw(space, 0)) == list(RandomSearch(trials=2).draw(space, 0)) == [{}, {}]
    )


def test_a_single_sobol_draw_is_possible() -> None:
    assert len(drawn(SobolSearch(trials=1))) == 1


def test_the_first_random_draw_is_the_same_on_every_machine() -> None:
    assert drawn(RandomSearch(trials=1), seed=7) == [{"lr": 0.115554767696, "clip": "off", "width": 55}]
