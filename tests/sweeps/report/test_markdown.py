"""The Markdown note: short enough, whole tables, nothing that Markdown or HTML would swallow."""

import pytest

from sweeps.analysis import analyze
from sweeps.report import render_markdown
from sweeps.report.markdown import MOST_CHARACTERS
from tests.sweeps.analysis.odd_sweeps import ODD_SWEEPS, odd_analysis
from tests.sweeps.analysis.trials import grid_analysis, grid_rows, grid_spec, make_row
from tests.sweeps.report.sweeps_rows import sweep_of


def test_the_note_has_map_edges_and_recommendation() -> None:
    rows = grid_rows()
    text = render_markdown(sweep_of(grid_spec(), rows), grid_analysis())
    assert text.startswith("## clip-vs-lr\n")
    for part in (
        "### Stability map",
        "### Edges",
        "### Recommendation",
        "| none | S | S | S |",
        "[0.316, 1)",
    ):
        assert part in text


@pytest.mark.parametrize("name", ODD_SWEEPS)
def test_every_table_has_rows_of_equal_length(name: str) -> None:
    spec, rows = ODD_SWEEPS[name]
    text = render_markdown(sweep_of(spec, rows), odd_analysis(name))
    blocks: list[list[str]] = [[]]
    for line in text.splitlines():
        if line.startswith("|"):
            blocks[-1].append(line)
        elif blocks[-1]:
            blocks.append([])
    for block in filter(None, blocks):
        assert len({line.replace("\\|", "").count("|") for line in block}) == 1


def test_a_huge_sweep_is_cut_and_says_so() -> None:
    rows = [
        make_row(
            n,
            0.1 * (1 + n % 9),
            axes={"optimizer.lr": 0.1 * (1 + n % 9), "clip": f"c{n // 9}", "note": "x" * 30},
        )
        for n in range(2700)
    ]
    text = render_markdown(sweep_of(grid_spec(axes={}), rows), analyze(grid_spec(axes={}), rows))
    assert len(text) <= MOST_CHARACTERS
    assert "The rest is in the report" in text
    assert "### Recommendation" in text


def test_a_hostile_name_stays_text() -> None:
    spec, rows = ODD_SWEEPS["hostile names"]
    text = render_markdown(sweep_of(spec, rows), odd_analysis("hostile names"))
    assert "<script>" not in text
    assert "<b>" not in text
