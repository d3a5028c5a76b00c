import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sweeps.search import Domain, Grid, IntUniform, Listed, LogGrid, LogUniform, Uniform, Values

FRACTIONS = st.floats(0, 1, exclude_max=True)
BOUNDS = st.tuples(st.floats(1e-9, 1e9), st.floats(1e-9, 1e9)).map(sorted)


def points(domain: Listed) -> list[object]:
    return [domain.point(index) for index in range(domain.size)]


def test_a_grid_is_evenly_spaced_with_both_ends() -> None:
    assert points(Grid(grid=(0, 1, 5))) == [0, 0.25, 0.5, 0.75, 1]
    assert points(Grid(grid=(3, 3, 1))) == [3]
    assert points(Grid(grid=(-1, 1, 3))) == [-1, 0, 1]


def test_a_log_grid_grows_by_one_factor_with_both_ends() -> None:
    assert points(LogGrid(log_grid=(0.001, 100, 6))) == [0.001, 0.01, 0.1, 1, 10, 100]
    assert points(LogGrid(log_grid=(16, 256, 5))) == [16, 32, 64, 128, 256]


def test_whole_points_are_ints_so_that_they_fit_counts() -> None:
    assert [type(point) for point in points(LogGrid(log_grid=(16, 64, 3)))] == [int, int, int]
    assert [type(point) for point in points(Grid(grid=(0, 1, 3)))] == [int, float, int]


@given(BOUNDS, FRACTIONS)
def test_a_draw_lies_within_its_bounds(bounds: list[float], fraction: float) -> None:
    lo, hi = bounds
    near = {"rel_tol": 1e-11}
    for domain in (Uniform(uniform=(lo, hi)), LogUniform(log_uniform=(lo, hi))):
        value = domain.at(fraction)
        assert lo <= value <= hi or math.isclose(value, lo, **near) or math.isclose(value, hi, **near)


@given(st.integers(-(10**6), 10**6), st.integers(0, 100), FRACTIONS)
def test_a_whole_draw_is_whole_and_within_its_bounds(lo: int, span: int, fraction: float) -> None:
    value = IntUniform(int_uniform=(lo, lo + span)).at(fraction)
    assert isinstance(value, int)
    assert lo <= value <= lo + span


def test_every_whole_number_is_drawn_equally_often() -> None:
    domain = IntUniform(int_uniform=(1, 4))
    drawn = [domain.at(index / 400) for index in range(400)]
    assert [drawn.count(value) for value in (1, 2, 3, 4)] == [100] * 4


def test_a_log_draw_halfway_is_the_geometric_mean() -> None:
    assert LogUniform(log_uniform=(0.01, 100)).at(0.5) == 1
    assert Uniform(uniform=(0, 10)).at(0.5) == 5


def test_every_listed_point_is_drawn_equally_often() -> None:
    domain = Values(values=("a", "b", "c"))
    drawn = [domain.at(index / 300) for index in range(300)]
    assert [drawn.count(value) for value in "abc"] == [100] * 3
    assert LogGrid(log_grid=(1, 100, 3)).at(0.99) == 100


@pytest.mark.parametrize(
    "domain", [Grid(grid=(0, 1, 10**9)), LogGrid(log_grid=(1, 2, 10**12)), IntUniform(int_uniform=(0, 2**53))]
)
def test_a_huge_domain_is_probed_without_being_listed(domain: Domain) -> None:
    assert len(domain.probes()) <= 4


def test_only_listed_domains_have_a_size() -> None:
    assert Grid(grid=(0, 1, 10**9)).size == 10**9
    assert Uniform(uniform=(0, 1)).size is None
