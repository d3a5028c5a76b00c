"""Edges along another axis than the learning rate."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from sweeps.analysis import analyze, explain
from sweeps.analysis.axis_edges import AxisEdge, AxisEdges
from sweeps.analysis.yardstick import Yardstick
from sweeps.ledger.base import TrialRow
from sweeps.report import render_html, render_markdown
from sweeps.report.headline import headline
from sweeps.report.terminal import render_edges, render_findings, render_map
from sweeps.spec import SweepSpec
from tests.sweeps.analysis.trials import cell_rows, grid_analysis, make_row
from tests.sweeps.report.sweeps_rows import sweep_of
from trainers.record import OutcomeName

Outcomes = Mapping[float, Sequence[OutcomeName]]


def spec_of(axis: str, domain: dict[str, Any], stable: str = "below") -> SweepSpec:
    axes = {axis: domain, "clip": {"values": ["none", "norm"]}}
    search = {"kind": "edge", "axis": axis, "stable": stable}
    return SweepSpec.model_validate({"name": "along", "axes": axes, "search": search, "seeds": 3})


def rows_of(axis: str, cells: Mapping[str, Outcomes]) -> list[TrialRow]:
    rows: list[TrialRow] = []
    for clip, outcomes in cells.items():
        for value, endings in outcomes.items():
            for repeat, outcome in enumerate(endings):
                axes = {axis: value, "clip": clip}
                rows.append(make_row(len(rows), 0.1, outcome, axes=axes, repeat=repeat))
    return rows


def along(axis: str, domain: dict[str, Any], outcomes: Outcomes, stable: str = "below") -> AxisEdge:
    found = analyze(spec_of(axis, domain, stable), rows_of(axis, {"none": outcomes})).axis_edges
    assert found is not None
    (edge,) = found.edges
    return edge


GAIN: Outcomes = {
    0.1: ["stable"] * 3, 1.0: ["stable"] * 3, 1.3: ["stable", "exploded", "stable"],
    1.5: ["exploded"] * 3, 10.0: ["exploded"] * 3,
}  # fmt: skip


def test_the_edge_of_a_logarithmic_axis_is_that_of_a_learning_rate() -> None:
    edge = along("init.std", {"log_uniform": [0.1, 10]}, GAIN)
    rate = analyze(SweepSpec(name="lr"), cell_rows(GAIN)).cells[0].edge
    assert rate.fit is not None
    assert (edge.status, edge.last_stable, edge.first_unstable) == ("bracketed", 1.3, 1.5)
    assert edge.estimate == pytest.approx(rate.fit.edge, rel=1e-3)
    assert edge.interval.lo == pytest.approx(rate.fit.interval.lo, rel=1e-2)
    assert edge.outcome_beyond == "exploded"


def test_a_linear_axis_may_hold_zero_and_negative_numbers() -> None:
    outcomes: Outcomes = {
        -1.0: ["stable"] * 3,
        0.0: ["stable"] * 3,
        0.5: ["diverged"] * 3,
        1.0: ["diverged"] * 3,
    }
    edge = along("optimizer.momentum", {"uniform": [-1, 1]}, outcomes)
    assert (edge.last_stable, edge.first_unstable) == (0.0, 0.5)
    assert edge.estimate == pytest.approx(0.25, abs=0.02)


def test_where_large_values_are_stable_the_edge_is_looked_at_from_above() -> None:
    outcomes: Outcomes = {1: ["exploded"] * 3, 10: ["exploded"] * 3, 20: ["stable"] * 3, 100: ["stable"] * 3}
    edge = along("schedule.steps", {"int_uniform": [1, 100]}, outcomes, stable="above")
    assert (edge.status, edge.last_stable, edge.first_unstable) == ("bracketed", 20, 10)
    assert edge.estimate == pytest.approx(15, abs=1)
    assert edge.interval.lo is not None
    assert edge.interval.hi is not None
    assert edge.interval.lo < 15 < edge.interval.hi


def test_other_sweeps_have_no_edges_along_an_axis() -> None:
    assert grid_analysis().axis_edges is None


def both() -> tuple[SweepSpec, list[TrialRow]]:
    cells: dict[str, Outcomes] = {"none": GAIN, "norm": {0.1: ["stable"], 10.0: ["stable"]}}
    return spec_of("init.std", {"log_uniform": [0.1, 10]}), rows_of("init.std", cells)


def test_every_form_of_the_report_shows_them() -> None:
    spec, rows = both()
    analysis = analyze(spec, rows)
    assert isinstance(analysis.axis_edges, AxisEdges)
    sentence = "The largest stable std is between 1.3 and 10 over 2 cells"
    assert sentence in analysis.axis_edges.text()
    assert "horizon 300 steps, 1 seed or more at an edge" in render_edges(analysis)
    for form in (
        render_findings(analysis, width=200), render_markdown(sweep_of(spec, rows), analysis),
        render_html(sweep_of(spec, rows), analysis, trials=rows),
    ):  # fmt: skip
        assert sentence in form
    assert '<th scope="col" class="bracket">largest stable std</th>' in render_html(
        sweep_of(spec, rows), analysis, trials=rows
    )
    assert "1.3 | 1.5" in render_edges(analysis)
    assert "stable to 10" in render_edges(analysis)


def test_a_trial_is_explained_by_the_edge_along_the_axis() -> None:
    spec, rows = both()
    broken = next(row for row in rows if row.axes == {"init.std": 10.0, "clip": "none"})
    facts = explain(analyze(spec, rows), broken).facts
    assert "The largest stable std here is 1.3 (edge at 1.3" in facts[-1]
    assert "; you used 10, 7.69× above (300 steps, at least 3 seeds at the edge)." in facts[-1]


STEPS: Outcomes = {1: ["exploded"] * 3, 10: ["exploded"] * 3, 20: ["stable"] * 3, 100: ["stable"] * 3}


def test_the_map_has_the_axis_across_and_its_edges_in_the_rows() -> None:
    spec, rows = both()
    analysis = analyze(spec, rows)
    (found,) = analysis.maps
    assert (found.column.label, found.edges) == ("std", Yardstick("std"))
    assert [row.edge.bracket for row in found.panels[0].rows if row.edge] == ["1.3 | 1.5", "stable to 10"]
    lines = render_map(analysis, color=False).splitlines()
    assert lines[0].split() == ["0.1", "1", "1.3", "1.5", "10"]
    assert lines[1].split() == ["none", "S", "S", "s", "│", "X", "X", "1.3", "|", "1.5"]


def test_the_bar_stands_on_the_other_side_where_large_values_are_stable() -> None:
    spec = spec_of("schedule.steps", {"int_uniform": [1, 100]}, stable="above")
    analysis = analyze(spec, rows_of("schedule.steps", {"none": STEPS, "norm": {1: ["exploded"]}}))
    lines = render_map(analysis, color=False).splitlines()
    assert lines[1].split()[:6] == ["none", "X", "X", "│", "S", "S"]


def test_settings_need_a_factor_of_two_on_a_logarithmic_axis() -> None:
    spec, rows = both()
    found = analyze(spec, rows).recommendation
    assert found.best is not None
    assert (found.best.axes["init.std"], found.best.margin, found.best.is_margin_open) == (0.1, 13.0, False)
    assert "edge along std 13× above" in found.text()
    assert "and an edge along std at least 2× above; this one has the best eval_loss" in found.text()
    assert found.runner_up is not None
    assert found.runner_up.axes["clip"] == "norm"
    assert headline(analyze(spec, rows)).endswith("stable in 3 of 3 seeds, 13× below its edge along std.")


def test_settings_need_a_tenth_of_the_range_on_a_linear_axis_and_stay_on_its_stable_side() -> None:
    spec = spec_of("schedule.steps", {"int_uniform": [1, 101]}, stable="above")
    outcomes: Outcomes = {10: ["exploded"], 20: ["stable"], 28: ["stable"], 31: ["stable"]}
    found = analyze(spec, rows_of("schedule.steps", {"none": outcomes})).recommendation
    assert found.best is not None
    assert (found.best.axes["schedule.steps"], found.best.margin) == (31, pytest.approx(0.11))
    assert "edge along steps 11 % of its range below" in found.text()
    assert "1 had P(stable) ≥ 0.95 and an edge along steps at least 10 % of its range below" in found.text()


def test_a_trial_beyond_the_edge_is_told_a_value_with_room_to_it() -> None:
    spec, rows = both()
    broken = next(row for row in rows if row.axes == {"init.std": 10.0, "clip": "none"})
    (found,) = [item for item in explain(analyze(spec, rows), broken).helps if item.kind == "other_value"]
    assert found.change == "std=0.1 instead of 10"


def test_values_too_near_the_edge_are_said_to_be() -> None:
    outcomes: Outcomes = {1.0: ["stable"], 1.5: ["stable"], 2.0: ["exploded"]}
    spec = spec_of("init.std", {"log_uniform": [0.1, 10]})
    found = analyze(spec, rows_of("init.std", {"none": outcomes})).recommendation
    assert found.finding == "margin_too_small"
    assert "an edge along std at least 2× above it; try smaller values, or a finer resolution" in found.text()
