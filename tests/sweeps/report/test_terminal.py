"""The map in a terminal: letters, colours, marks, width."""

import re

import pytest

from sweeps.analysis import analyze
from sweeps.report.terminal import render_edges, render_findings, render_map, render_recommendation
from tests.sweeps.analysis.odd_sweeps import ODD_SWEEPS, odd_analysis
from tests.sweeps.analysis.trials import cell_rows, grid_analysis, grid_spec

ANSI = re.compile(r"\x1b\[[0-9;]*m")


@pytest.mark.parametrize("width", [40, 60, 80, 120, 200])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    text = render_map(grid_analysis(), color=False, width=width)
    assert max(len(line) for line in text.splitlines()) <= width


@pytest.mark.parametrize("name", ODD_SWEEPS)
@pytest.mark.parametrize("width", [60, 100])
def test_an_odd_sweep_fits_too(name: str, width: int) -> None:
    text = render_map(odd_analysis(name), color=False, width=width)
    assert max(len(line) for line in text.splitlines()) <= width


def test_colour_adds_nothing_but_colour() -> None:
    analysis = grid_analysis()
    plain, colored = (render_map(analysis, color=color, width=100) for color in (False, True))
    assert "\x1b" not in plain
    assert ANSI.sub("", colored) == plain


def test_the_bar_stands_between_the_last_stable_and_the_first_unstable_lr() -> None:
    rows = cell_rows({0.1: ["stable"], 1.0: ["stable"], 10.0: ["exploded"]})
    text = render_map(analyze(grid_spec(axes={}), rows), color=False, width=80)
    assert re.search(r"all settings +S +S +│ +X +\[1, 10\)", text)


def test_seeds_that_differ_are_in_small_letters() -> None:
    rows = cell_rows({0.1: ["stable", "stable"], 1.0: ["stable", "diverged"]})
    line = render_map(analyze(grid_spec(axes={}), rows), color=False, width=80).splitlines()[1]
    assert re.search(r"S +d", line)


def test_a_tile_whose_trials_all_failed_is_marked_as_failed() -> None:
    rows = cell_rows({0.1: ["stable"], 1.0: ["failed"]})
    line = render_map(analyze(grid_spec(axes={}), rows), color=False, width=80).splitlines()[1]
    assert re.search(r"S +F", line)


def test_edges_carry_horizon_and_seeds() -> None:
    text = render_edges(grid_analysis())
    assert "[0.316, 1)" in text
    assert "horizon 300 steps, 2 seeds per learning rate" in text


def test_what_was_left_out_is_said_after_the_recommendation() -> None:
    text = render_recommendation(analyze(grid_spec(), cell_rows({0.1: ["stable"], 1.0: ["failed"]})))
    assert "1 failed trial is left out" in text


@pytest.mark.parametrize("width", [60, 80, 120])
def test_edges_and_sentences_fit_and_tell_settings_apart_at_any_width(width: int) -> None:
    analysis = grid_analysis()
    edges = render_edges(analysis, width=width)
    parts = [edges, render_findings(analysis, width=width), render_recommendation(analysis, width=width)]
    assert max(len(line) for part in parts for line in part.splitlines()) <= width
    assert not any(line.lstrip().startswith("%") for part in parts for line in part.splitlines())
    settings = [line.split("  ")[0] for line in edges.splitlines()[1:-1]]
    assert len(set(settings)) == len(analysis.cells)


def test_a_narrow_table_leaves_out_the_fit_before_it_cuts_names() -> None:
    assert "95 % interval" in render_edges(grid_analysis(), width=100)
    narrow = render_edges(grid_analysis(), width=64)
    assert "95 % interval" not in narrow
    assert "P(stable)=½ at" not in narrow
    assert "clip=global_norm:0.1 init=kaiming_normal" in narrow


def test_findings_name_the_remedy_that_surely_moved_the_edge_most() -> None:
    assert "- clip=global_norm:0.1 instead of none moved the edge " in render_findings(grid_analysis())


def test_where_there_is_one_setting_there_is_nothing_to_find() -> None:
    assert render_findings(analyze(grid_spec(axes={}), cell_rows({0.1: ["stable"]}))) == ""
