"""The whole analysis: deterministic, strict JSON, and honest about odd sweeps."""

import json
import random
from typing import Any

import pytest

from sweeps.analysis import analyze
from sweeps.ledger.base import TrialRow
from sweeps.report.terminal import render_edges, render_map, render_recommendation
from sweeps.spec import SweepSpec
from tests.sweeps.analysis.odd_sweeps import ODD_SWEEPS, odd_analysis
from tests.sweeps.analysis.trials import CLIPS, INITS, grid_analysis, grid_rows, grid_spec, true_edge


def test_the_edges_of_the_formula_lie_in_their_brackets() -> None:
    analysis = grid_analysis()
    for cell in analysis.cells:
        edge = true_edge(CLIPS.index(cell.axes["clip"]), INITS.index(cell.axes["init"]))
        assert cell.edge.lower is not None
        assert cell.edge.upper is not None
        # Trials are stable up to 0.8 × 0.9 to 0.8 × 1.15 of the formula's edge.
        assert cell.edge.lower <= edge
        assert edge * 0.7 <= cell.edge.upper


def test_the_order_in_which_trials_ended_does_not_matter() -> None:
    rows = grid_rows()
    shuffled = rows.copy()
    random.Random(1).shuffle(shuffled)
    assert analyze(grid_spec(), rows) == analyze(grid_spec(), shuffled)


@pytest.mark.parametrize("name", ODD_SWEEPS)
def test_an_odd_sweep_has_an_analysis_in_strict_json(name: str) -> None:
    analysis = odd_analysis(name)
    text = json.dumps(analysis.to_json(), allow_nan=False)
    assert json.loads(text) == analysis.to_json()
    assert analysis.totals.num_ended == len(ODD_SWEEPS[name][1])
    assert analysis.recommendation.reasons


@pytest.mark.parametrize("name", ODD_SWEEPS)
def test_an_odd_sweep_can_be_shown_in_a_terminal(name: str) -> None:
    analysis = odd_analysis(name)
    for text in (
        render_map(analysis, color=False, width=80),
        render_edges(analysis),
        render_recommendation(analysis),
    ):
        assert text
        assert "None" not in text
        assert "nan" not in text


def test_a_random_search_says_that_margins_are_unknown() -> None:
    found = odd_analysis("random over everything").recommendation
    assert found.finding == "margin_unknown"
    assert found.nearest is not None


def test_a_random_search_still_has_pooled_edges_by_the_axes_that_repeat() -> None:
    analysis = odd_analysis("random lr by clip")
    edges = [row.edge for row in analysis.maps[0].panels[0].rows]
    assert all(edge is not None and edge.lower is not None for edge in edges)


def test_sentences_stand_beside_their_numbers_in_the_json() -> None:
    plain: dict[str, Any] = grid_analysis().to_json()
    assert plain["recommendation"]["text"].startswith("Use lr=")
    assert plain["cells"][0]["edge"]["text"].startswith("stable up to lr")
    assert plain["cells"][0]["edge"]["fit"]["interval"].keys() == {"lo", "hi"}


def test_ten_thousand_trials_are_analysed_without_a_cell_growing_beyond_its_lrs() -> None:
    spec, rows = many_trials()
    analysis = analyze(spec, rows)
    assert analysis.totals.num_ended == len(rows)
    assert len(analysis.maps[0].column.levels) <= 32


def many_trials() -> tuple[SweepSpec, list[TrialRow]]:
    spec, rows = ODD_SWEEPS["random over everything"]
    many = [
        TrialRow(
            **{
                **vars(row),
                "number": copy * len(rows) + row.number,
                "config_number": copy * len(rows) + row.number,
            }
        )
        for copy in range(10_000 // len(rows))
        for row in rows
    ]
    return spec, many
