"""The steps of one cell: where they lead for edges of every sort, and that they always end."""

import math
from collections.abc import Callable
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sweeps.analysis.edges import Edge, find_edge
from sweeps.analysis.points import LrPoint, tally_outcomes
from sweeps.rounds.edge_steps import EdgeSteps
from sweeps.search import EdgeSearch, LogUniform, Uniform
from sweeps.search.edge import Narrowing
from sweeps.search.scale import Number
from trainers.record import OutcomeName
from trainers.seeds import derive_seed

Rule = Callable[[float, int], OutcomeName]
"""What becomes of a value with one of its seeds."""


def decades(lo: float, hi: float, resolution: float = 1.1) -> Narrowing:
    return EdgeSearch(resolution=resolution).narrowing({"optimizer.lr": LogUniform(log_uniform=(lo, hi))})


def tried(
    rule: Rule, narrowing: Narrowing, num_seeds: int = 1, is_reversed: bool = False
) -> dict[Number, list[OutcomeName]]:
    steps = EdgeSteps(narrowing, num_seeds, is_reversed)
    outcomes: dict[Number, list[OutcomeName]] = {}
    while wanted := steps.next_values(outcomes):
        for value, num_more in wanted.items():
            known = outcomes.setdefault(value, [])
            known += [rule(value, len(known) + index) for index in range(num_more)]
    assert len(outcomes) <= narrowing.most_values
    assert all(len(known) <= num_seeds for known in outcomes.values())
    return outcomes


def edge_of(outcomes: dict[Number, list[OutcomeName]]) -> Edge:
    points = [LrPoint(value, tally_outcomes(outcomes[value]), None, None, None) for value in sorted(outcomes)]
    return find_edge(points, 100)


@given(st.floats(-3.9, 4.9), st.sampled_from([1.01, 1.1, 1.5]))
def test_an_edge_inside_the_range_is_bracketed_to_the_resolution(exponent: float, resolution: float) -> None:
    true = 10.0**exponent
    outcomes = tried(lambda lr, _: "stable" if lr < true else "diverged", decades(1e-4, 1e5, resolution))
    edge = edge_of(outcomes)
    assert edge.status == "bracketed"
    assert edge.lower is not None
    assert edge.upper is not None
    assert edge.lower < true <= edge.upper <= edge.lower * resolution * (1 + 1e-9)


def test_a_cell_of_five_decades_takes_a_sixth_of_the_grid() -> None:
    outcomes = tried(lambda lr, _: "stable" if lr < 0.7 else "diverged", decades(0.002, 200))
    assert len(outcomes) <= 122 / 6


@pytest.mark.parametrize(("true", "status"), [(1e9, "above_range"), (1e-9, "below_range")])
def test_an_edge_outside_the_range_takes_the_scan_and_all_seeds_at_that_end(true: float, status: str) -> None:
    narrowing = decades(1e-3, 1e3)
    outcomes = tried(lambda lr, _: "stable" if lr < true else "exploded", narrowing, num_seeds=4)
    assert edge_of(outcomes).status == status
    assert list(outcomes) == narrowing.scan
    end = narrowing.scan[-1] if status == "above_range" else narrowing.scan[0]
    assert {value for value, known in outcomes.items() if len(known) == 4} == {end}


def test_too_small_values_that_stall_are_no_edge() -> None:
    def rule(lr: float, _: int) -> OutcomeName:
        return "stalled" if lr < 0.5 else "stable" if lr < 7.0 else "exploded"

    edge = edge_of(tried(rule, decades(1e-4, 1e4)))
    assert (edge.status, edge.outcome_above) == ("bracketed", "exploded")
    assert edge.lower is not None
    assert 7.0 / 1.1 < edge.lower < 7.0


def test_a_stable_window_between_two_values_of_the_scan_is_found() -> None:
    def rule(lr: float, _: int) -> OutcomeName:
        return "stalled" if lr < 2.0 else "stable" if lr < 6.0 else "exploded"

    edge = edge_of(tried(rule, decades(1e-3, 1e3)))
    assert edge.status == "bracketed"
    assert edge.lower is not None
    assert 6.0 / 1.1 < edge.lower < 6.0


def test_where_nothing_is_stable_the_search_says_so_after_closing_in_on_the_change() -> None:
    outcomes = tried(lambda lr, _: "stalled" if lr < 2.0 else "exploded", decades(1e-3, 1e3))
    assert edge_of(outcomes).status == "none_stable"
    slow = max(value for value, known in outcomes.items() if known == ["stalled"])
    assert min(value for value in outcomes if value > slow) <= slow * 1.1 * (1 + 1e-9)


def test_an_edge_that_is_crossed_twice_is_a_band_closed_in_on_from_both_sides() -> None:
    def rule(lr: float, _: int) -> OutcomeName:
        return "stable" if lr < 0.3 or 4.0 < lr < 30.0 else "diverged"

    outcomes = tried(rule, decades(1e-3, 1e3))
    edge = edge_of(outcomes)
    assert edge.status == "uncertain"
    assert edge.lower is not None
    assert edge.upper is not None
    assert 0.3 / 1.1 < edge.lower < 0.3
    assert 30.0 <= edge.upper < 30.0 * 1.1
    assert any(30.0 / 1.1 < value < 30.0 for value in outcomes)


@pytest.mark.parametrize("seed", range(20))
def test_a_fractal_edge_is_a_band_and_never_a_point_inside_it(seed: int) -> None:
    """Between 1 and 100 every value is stable or not by a coin of its own."""

    def rule(lr: float, _: int) -> OutcomeName:
        if lr <= 1 or lr >= 100:
            return "stable" if lr <= 1 else "diverged"
        return "stable" if derive_seed(seed, "coin", f"{lr:.9g}") % 2 else "diverged"

    outcomes = tried(rule, decades(1e-3, 1e5))
    edge = edge_of(outcomes)
    inside = [known[0] for value, known in outcomes.items() if 1 < value < 100]
    assert edge.status == ("uncertain" if _alternates(outcomes) else "bracketed")
    assert len(inside) >= 6
    assert edge.lower is not None
    assert 0.9 <= edge.lower < 100


def _alternates(outcomes: dict[Number, list[OutcomeName]]) -> bool:
    stable = [outcomes[value] == ["stable"] for value in sorted(outcomes)]
    return sum(before != after for before, after in pairwise(stable)) > 1


@pytest.mark.parametrize("unlucky", range(3))
def test_one_seed_that_breaks_far_below_the_edge_costs_its_other_seeds_and_not_the_edge(unlucky: int) -> None:
    narrowing = decades(1e-3, 1e3)
    bad = narrowing.scan[unlucky]

    def rule(lr: float, repeat: int) -> OutcomeName:
        return "spiky" if (lr, repeat) == (bad, 0) else "stable" if lr < 7.0 else "diverged"

    outcomes = tried(rule, narrowing, num_seeds=3)
    edge = edge_of(outcomes)
    assert edge.status == "bracketed"
    assert edge.lower is not None
    assert 7.0 / 1.1 < edge.lower < 7.0
    if unlucky:
        assert len(outcomes[bad]) == 3


def test_p_stable_becomes_a_curve_whose_interval_covers_the_true_edge() -> None:
    """P(stable) falls from 0.9 to 0.1 over a factor of 2; 100 cells with 5 seeds each.

    The values are placed by the very outcomes that are fitted, so that 95 % intervals cover a little less.
    """
    slope, true = 2 * math.log(9) / math.log(2), 3.0
    covered, known = 0, 0
    for cell in range(100):

        def rule(lr: float, repeat: int, cell: int = cell) -> OutcomeName:
            draw = derive_seed(cell, "ends", f"{lr:.9g}", repeat) / 2**63
            return "stable" if draw < 1 / (1 + (lr / true) ** slope) else "diverged"

        fit = edge_of(tried(rule, decades(1e-3, 1e3), num_seeds=5)).fit
        if fit is not None and fit.interval.lo is not None and fit.interval.hi is not None:
            known += 1
            covered += fit.interval.lo <= true <= fit.interval.hi
    assert known >= 95
    assert covered / known >= 0.85


def test_linear_axes_are_closed_in_on_by_differences_and_whole_ones_to_the_next_number() -> None:
    search = EdgeSearch(axis="x", resolution=0.25)
    outcomes = tried(
        lambda x, _: "stable" if x < 6.4 else "diverged", search.narrowing({"x": Uniform(uniform=(0, 10))})
    )
    edge = edge_of({value + 1: known for value, known in outcomes.items()})
    assert edge.lower is not None
    assert edge.upper is not None
    assert edge.lower - 1 < 6.4 <= edge.upper - 1 <= edge.lower - 1 + 0.25 + 1e-9


def test_an_edge_with_the_stable_side_above_is_found_from_there() -> None:
    outcomes = tried(lambda x, _: "stable" if x > 7.0 else "exploded", decades(1e-3, 1e3), is_reversed=True)
    lowest = min(value for value, known in outcomes.items() if known == ["stable"])
    below = max(value for value in outcomes if value < lowest)
    assert below <= 7.0 < lowest <= below * 1.1 * (1 + 1e-9)


@given(st.integers(0, 10**6), st.integers(1, 4), st.sampled_from([1.02, 1.3, 3.0]))
def test_whatever_happens_the_search_ends_within_its_bound(
    seed: int, num_seeds: int, resolution: float
) -> None:
    names: list[OutcomeName] = ["stable", "spiky", "stalled", "vanished", "diverged", "exploded", "failed"]

    def rule(lr: float, repeat: int) -> OutcomeName:
        return names[derive_seed(seed, "any", f"{lr:.9g}", repeat) % len(names)]

    tried(rule, decades(1e-3, 1e3, resolution), num_seeds)
