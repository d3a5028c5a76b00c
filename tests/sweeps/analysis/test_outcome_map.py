"""Outcome maps: which axis goes where, what is pooled, and where the edge lies."""

from typing import Any

from sweeps.analysis import Analysis, OutcomeMap, analyze
from sweeps.analysis.outcome_map import MOST_PANELS
from tests.sweeps.analysis.trials import cell_rows, grid_analysis, grid_rows, grid_spec, make_row


def analysis_of(axes: list[dict[str, Any]]) -> Analysis:
    rows = [make_row(number, values["optimizer.lr"], axes=values) for number, values in enumerate(axes)]
    return analyze(grid_spec(axes={path: {"values": [0]} for path in axes[0]}), rows)


def num_trials(found: OutcomeMap) -> int:
    tiles = [tile for panel in found.panels for row in panel.rows for tile in row.tiles if tile]
    return sum(tile.num_trials + tile.num_failed for tile in tiles)


def test_clip_goes_down_and_the_other_axes_make_panels() -> None:
    found = grid_analysis().maps[0]
    assert found.column.path == "optimizer.lr"
    assert found.row is not None
    assert found.row.path == "clip"
    assert [panel.title for panel in found.panels] == [
        "init=kaiming_normal", "init=orthogonal", "init=normal(std=1)",
    ]  # fmt: skip
    assert [row.label for row in found.panels[0].rows] == [
        "none",
        "global_norm:0.1",
        "global_norm:1",
        "value:0.1",
    ]


def test_every_map_holds_every_trial_once() -> None:
    rows = grid_rows()
    for found in grid_analysis().maps:
        assert num_trials(found) == len(rows)


def test_an_axis_each_is_pooled_over_the_others() -> None:
    _, by_clip, by_init = grid_analysis().maps
    assert by_clip.pooled == ("init",)
    assert by_init.pooled == ("clip",)
    assert {row.num_cells for row in by_clip.panels[0].rows} == {3}


def test_a_row_of_one_cell_has_that_cells_edge() -> None:
    analysis = grid_analysis()
    row = analysis.maps[0].panels[0].rows[0]
    assert row.num_cells == 1
    assert row.edge == analysis.cells[0].edge


def test_only_an_lr_axis_gives_one_row() -> None:
    found = analyze(grid_spec(axes={}), cell_rows({0.1: ["stable"], 1.0: ["exploded"]})).maps
    assert len(found) == 1
    assert found[0].row is None
    assert [row.label for row in found[0].panels[0].rows] == ["all settings"]


def test_without_a_varying_lr_another_axis_goes_across_and_rows_have_no_edges() -> None:
    axes = [
        {"optimizer.lr": 0.1, "batch_size": size, "clip": clip} for size in (8, 16, 64) for clip in ("a", "b")
    ]
    found = analysis_of(axes).maps[0]
    assert found.column.path == "batch_size"
    assert not found.is_over_lr
    assert all(row.edge is None for row in found.panels[0].rows)


def test_a_setting_that_was_not_tried_has_no_tile() -> None:
    axes = [{"optimizer.lr": 0.1, "clip": "a"}, {"optimizer.lr": 1.0, "clip": "b"}]
    rows = analysis_of(axes).maps[0].panels[0].rows
    assert [[tile is None for tile in row.tiles] for row in rows] == [[False, True], [True, False]]


def test_too_many_panels_are_pooled_from_the_last_axis() -> None:
    axes = [
        {"optimizer.lr": lr, "clip": clip, "a": a, "b": b}
        for lr in (0.1, 1.0) for clip in ("x", "y") for a in range(5) for b in range(MOST_PANELS)
    ]  # fmt: skip
    found = analysis_of(axes).maps[0]
    assert len(found.panels) <= MOST_PANELS
    assert found.pooled == ("b",)


def test_an_axis_that_exists_for_some_trials_only_gets_a_row_for_the_others() -> None:
    axes = [
        {"optimizer.lr": lr, "clip.kind": kind} | ({"clip.max_norm": 1.0} if kind == "on" else {})
        for lr in (0.1, 1.0) for kind in ("on", "off")
    ]  # fmt: skip
    analysis = analysis_of(axes)
    labels = {row.label for found in analysis.maps for panel in found.panels for row in panel.rows}
    assert "(not there)" in labels
