"""The edge of a cell: bracketed, censored, uncertain, unseen."""

import math
from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sweeps.analysis.edges import Edge, find_edge
from sweeps.analysis.observation import observe_all
from sweeps.analysis.points import lr_points
from tests.sweeps.analysis.trials import cell_rows
from trainers.record import OutcomeName

S, X, D, T, P, F = "stable", "exploded", "diverged", "stalled", "spiky", "failed"


def edge_of(outcomes: Mapping[float, Sequence[OutcomeName]]) -> Edge:
    return find_edge(lr_points(observe_all(cell_rows(outcomes))), num_steps=300)


def test_the_edge_lies_between_the_last_stable_and_the_first_unstable_lr() -> None:
    edge = edge_of({0.1: [S, S], 0.3: [S, S], 1.0: [X, D], 3.0: [X, X]})
    assert (edge.status, edge.lower, edge.upper) == ("bracketed", 0.3, 1.0)
    assert (edge.num_steps, edge.num_seeds, edge.num_lrs) == (300, 2, 4)
    assert edge.bracket == "[0.3, 1)"
    assert "300 steps, 2 seeds" in edge.text()


def test_half_of_the_seeds_stable_still_counts_as_stable() -> None:
    assert edge_of({0.1: [S, S], 0.3: [S, X], 1.0: [X, X]}).lower == 0.3


def test_slow_stalled_lrs_are_no_edge() -> None:
    edge = edge_of({0.001: [T], 0.01: [T], 0.1: [S], 1.0: [X]})
    assert (edge.status, edge.lower, edge.upper, edge.lowest_stable) == ("bracketed", 0.1, 1.0, 0.1)


def test_a_stalled_seed_between_stable_lrs_is_slow_and_not_broken() -> None:
    edge = edge_of({0.01: [S], 0.03: [T], 0.1: [S], 0.3: [S], 1.0: [X], 3.0: [X]})
    assert (edge.status, edge.lower, edge.upper, edge.lowest_stable) == ("bracketed", 0.3, 1.0, 0.01)


def test_stalled_above_every_stable_lr_is_an_edge() -> None:
    edge = edge_of({0.1: [S], 0.3: [S], 1.0: [T], 3.0: [T]})
    assert (edge.status, edge.lower, edge.upper, edge.outcome_above) == ("bracketed", 0.3, 1.0, T)


def test_all_stable_puts_the_edge_above_the_range() -> None:
    edge = edge_of({0.1: [S], 1.0: [S]})
    assert (edge.status, edge.lower, edge.upper, edge.fit) == ("above_range", 1.0, None, None)
    assert edge.bracket == "≥ 1"


def test_broken_from_the_start_puts_it_below_the_range() -> None:
    edge = edge_of({0.1: [D], 1.0: [X]})
    assert (edge.status, edge.lower, edge.upper, edge.outcome_above) == ("below_range", None, 0.1, D)


def test_stalled_then_broken_has_no_edge_to_see() -> None:
    edge = edge_of({0.1: [T], 1.0: [X]})
    assert (edge.status, edge.lower, edge.upper) == ("none_stable", None, None)


def test_an_island_above_the_crossing_makes_a_band_and_no_point() -> None:
    edge = edge_of({0.1: [S], 0.3: [X], 1.0: [S], 3.0: [X]})
    assert (edge.status, edge.lower, edge.upper) == ("uncertain", 0.1, 3.0)
    assert "uncertain band" in edge.text()


def test_an_island_at_the_end_of_the_range_leaves_the_band_open() -> None:
    edge = edge_of({0.1: [S], 0.3: [X], 1.0: [S]})
    assert (edge.status, edge.lower, edge.upper) == ("uncertain", 0.1, None)
    assert "beyond the range" in edge.text()


def test_spiky_counts_as_not_stable() -> None:
    edge = edge_of({0.1: [S], 1.0: [P]})
    assert (edge.upper, edge.outcome_above) == (1.0, P)


def test_a_cell_whose_trials_all_failed_has_no_data() -> None:
    assert edge_of({0.1: [F], 1.0: [F]}).status == "no_data"


def test_failed_trials_change_nothing() -> None:
    with_failed = edge_of({0.1: [S, S, F], 0.3: [F], 1.0: [X, X, F]})
    without = edge_of({0.1: [S, S], 1.0: [X, X]})
    assert with_failed == without


@settings(max_examples=50)
@given(st.integers(1, 9), st.integers(2, 10), st.floats(0.01, 100), st.integers(1, 3))
def test_a_sharp_edge_is_bracketed_wherever_it_lies(
    num_stable: int, num_lrs: int, scale: float, num_seeds: int
) -> None:
    num_stable = min(num_stable, num_lrs - 1)
    lrs = [scale * 2.0**index for index in range(num_lrs)]
    edge = edge_of({lr: [S if index < num_stable else X] * num_seeds for index, lr in enumerate(lrs)})
    assert (edge.lower, edge.upper) == (lrs[num_stable - 1], lrs[num_stable])
    if edge.fit is not None:
        assert (edge.fit.interval.lo or 0.0) <= lrs[num_stable - 1]
        assert lrs[num_stable] <= (edge.fit.interval.hi or math.inf)


@pytest.mark.parametrize(
    "status", ["bracketed", "uncertain", "above_range", "below_range", "none_stable", "no_data"]
)
def test_every_status_has_a_bracket_and_a_sentence(status: str) -> None:
    tables: dict[str, dict[float, list[OutcomeName]]] = {
        "bracketed": {0.1: [S], 1.0: [X]},
        "uncertain": {0.1: [S], 0.3: [X], 1.0: [S], 3.0: [X]},
        "above_range": {0.1: [S]},
        "below_range": {0.1: [X]},
        "none_stable": {0.1: [T]},
        "no_data": {},
    }
    edge = edge_of(tables[status])
    assert edge.status == status
    assert edge.bracket
    assert "None" not in edge.text()
