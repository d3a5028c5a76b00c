"""Trials that were stopped early: what they were by then, and no more than that."""

from collections.abc import Mapping

import pytest

from sweeps.analysis import Analysis, analyze, explain
from sweeps.ledger.base import TrialRow
from sweeps.report.terminal import render_edges
from tests.sweeps.analysis.trials import grid_spec, make_row
from trainers.record import OutcomeName

LADDER: Mapping[float, tuple[OutcomeName, int, float]] = {
    0.01: ("stalled", 33, 2.2), 0.1: ("stable", 100, 1.4), 0.3: ("stable", 300, 0.9),
    1.0: ("stable", 300, 0.4), 2.0: ("stable", 100, 1.2), 4.0: ("exploded", 12, 2.3),
}  # fmt: skip
"""Learning rate to outcome, steps made of 300, and loss, as successive halving would leave them."""


def halved(ladder: Mapping[float, tuple[OutcomeName, int, float]] = LADDER) -> list[TrialRow]:
    return [
        make_row(number, lr, outcome, loss=loss, steps=300, steps_done=done)
        for number, (lr, (outcome, done, loss)) in enumerate(ladder.items())
    ]


@pytest.fixture(scope="module")
def analysis() -> Analysis:
    return analyze(grid_spec(axes={}), halved())


def test_they_are_counted_and_said(analysis: Analysis) -> None:
    assert analysis.totals.num_partial == 3
    assert "Stopped early, and counted as what they were by then: 3." in analysis.totals.text()


def test_an_edge_over_them_carries_the_fewest_steps_too(analysis: Analysis) -> None:
    edge = analysis.cells[0].edge
    assert (edge.lower, edge.upper, edge.least_steps, edge.num_steps) == (2.0, 4.0, 33, 300)
    assert "(33 to 300 steps, 1 seed per learning rate)" in edge.text()
    assert "horizon 33 to 300 steps" in render_edges(analysis)


def test_a_trial_that_broke_was_not_stopped_early(analysis: Analysis) -> None:
    tallies = {point.lr: point.tally for point in analysis.cells[0].points}
    assert (tallies[4.0].num_partial, tallies[2.0].num_partial) == (0, 1)


def test_their_losses_are_compared_with_nothing(analysis: Analysis) -> None:
    (cell,) = analysis.cells
    assert cell.sensitivity is None
    assert [point.objective for point in cell.points] == [None, None, 0.9, 0.4, None, None]


def test_none_of_them_is_recommended_even_with_the_best_loss() -> None:
    ladder = {**LADDER, 0.1: ("stable", 100, 0.1)}
    found = analyze(grid_spec(axes={}), halved(ladder)).recommendation
    assert found.best is not None
    assert found.best.lr == 1.0
    assert found.num_stable_enough == 2


def test_their_explanation_says_how_far_they_came(analysis: Analysis) -> None:
    found = explain(analysis, halved()[1])
    assert found.facts[0].endswith("was stable until it was stopped, after 100 of 300 steps.")


def test_without_stopping_the_horizon_is_one_number() -> None:
    rows = [make_row(0, 0.1), make_row(1, 1.0, "exploded", steps_done=3)]
    edge = analyze(grid_spec(axes={}), rows).cells[0].edge
    assert (edge.least_steps, edge.horizon) == (300, "300")


def test_a_trial_that_was_not_stable_yet_moves_no_edge() -> None:
    ladder = {**LADDER, 0.2: ("spiky", 33, 2.0), 0.7: ("diverged", 33, 2.4)}
    rows = halved(ladder)
    for row in rows:
        if row.record.num_steps_done == 33:
            row.record.final["stopped_early"] = 1.0
    edge = analyze(grid_spec(axes={}), rows).cells[0].edge
    assert (edge.status, edge.lower, edge.upper) == ("bracketed", 2.0, 4.0)
