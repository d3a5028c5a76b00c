"""What a remedy bought: matched cells, ratios of edges, intervals, prices."""

from typing import Any

import pytest

from sweeps.analysis import analyze
from sweeps.analysis.remedies import Remedy
from sweeps.ledger.base import TrialRow
from tests.sweeps.analysis.trials import grid_analysis, grid_spec, make_row

LRS = [float(f"{10 ** (-3 + index / 4):.6g}") for index in range(21)]


def rows_of(
    edges: dict[tuple[Any, str], float], losses: dict[Any, float], num_seeds: int = 3
) -> list[TrialRow]:
    """Trials of cells by (clip, init), stable up to their edge; the objective depends on the clip alone."""
    rows: list[TrialRow] = []
    for place, ((clip, init, lr), edge) in enumerate(
        ((clip, init, lr), edge) for (clip, init), edge in edges.items() for lr in LRS
    ):
        axes = {"optimizer.lr": lr, "clip": clip, "init": init}
        for repeat in range(num_seeds):
            outcome = "stable" if lr <= edge else "diverged"
            rows.append(
                make_row(
                    len(rows), lr, outcome, axes=axes, config_number=place, repeat=repeat, loss=losses[clip]
                )
            )
    return rows


def remedies_of(rows: list[TrialRow]) -> dict[str, Remedy]:
    spec = grid_spec(axes={"optimizer.lr": {"values": LRS}, "clip": {"values": ["none", "norm"]}})
    return {f"{found.axis}={found.value}": found for found in analyze(spec, rows).remedies}


def test_a_remedy_that_moves_every_edge_tenfold_bought_ten() -> None:
    edges = {("none", "a"): 0.05, ("norm", "a"): 0.5, ("none", "b"): 0.2, ("norm", "b"): 2.0}
    found = remedies_of(rows_of(edges, {"none": 1.0, "norm": 1.004}))["clip=norm"]
    assert found.baseline == "none"
    assert found.ratio == pytest.approx(10, rel=0.02)
    assert found.interval.lo is not None
    assert found.interval.hi is not None
    assert found.interval.lo < 10 < found.interval.hi
    assert found.is_clear
    assert (found.num_estimates, found.num_bounds) == (2, 0)
    assert "cost 0.4 % of the best eval_loss" in found.text()


def test_a_remedy_that_does_nothing_is_not_called_clear() -> None:
    edges = {("none", "a"): 0.05, ("norm", "a"): 0.05}
    found = remedies_of(rows_of(edges, {"none": 1.0, "norm": 0.9}))["clip=norm"]
    assert found.ratio == pytest.approx(1.0, rel=0.01)
    assert not found.is_clear
    assert "may be no move at all" in found.text()
    assert "gained 10 %" in found.text()


def test_the_spread_between_settings_is_told() -> None:
    edges = {("none", "a"): 0.05, ("norm", "a"): 0.05, ("none", "b"): 0.05, ("norm", "b"): 5.0}
    found = remedies_of(rows_of(edges, {"none": 1.0, "norm": 1.0}))["clip=norm"]
    assert found.smallest == pytest.approx(1.0, rel=0.02)
    assert found.largest == pytest.approx(100, rel=0.05)
    assert found.ratio == pytest.approx(10, rel=0.05)


def test_an_edge_beyond_the_range_gives_a_bound_and_no_estimate() -> None:
    edges = {("none", "a"): 0.05, ("norm", "a"): 1e9}
    found = remedies_of(rows_of(edges, {"none": 1.0, "norm": 3.0}))["clip=norm"]
    assert found.ratio is None
    assert found.num_bounds == 1
    assert "at least" in found.text()
    assert "a factor of 3 in the best eval_loss" in found.text()


def test_two_edges_beyond_the_range_cannot_be_compared() -> None:
    edges = {("none", "a"): 1e9, ("norm", "a"): 1e9}
    assert "clip=norm" not in remedies_of(rows_of(edges, {"none": 1.0, "norm": 1.0}))


def test_only_cells_that_differ_in_nothing_else_are_compared() -> None:
    edges = {("none", "a"): 0.05, ("norm", "b"): 0.5}
    assert "clip=norm" not in remedies_of(rows_of(edges, {"none": 1.0, "norm": 1.0}))


def test_the_formula_of_the_grid_is_found_again() -> None:
    found = {f"{r.axis}={r.value}": r for r in grid_analysis().remedies}
    ratio = found["clip=global_norm:0.1"].ratio
    assert ratio is not None
    assert 40 / 10**0.5 <= ratio <= 40 * 10**0.5
