"""The page: whole, valid, self-contained, escaped, and the same every time."""

from functools import cache
from html.parser import HTMLParser

import pytest

from sweeps.analysis import analyze
from sweeps.report import render_html, sample_numbers
from tests.sweeps.analysis.odd_sweeps import ODD_SWEEPS, odd_analysis
from tests.sweeps.analysis.trials import cell_rows, grid_analysis, grid_rows, grid_spec
from tests.sweeps.report.sweeps_rows import curves_for, sweep_of

VOID = {"meta", "br", "hr", "img", "input", "link"}


class Checker(HTMLParser):
    """Collects ids, links and words, and checks that every element is closed where it was opened."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.references: list[str] = []
        self.words = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in VOID:
            self.open.append(tag)
        for name, value in attrs:
            if name == "id" and value:
                self.ids.append(value)
            if name in ("src", "href", "data", "action") and value:
                self.references.append(value)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, f"</{tag}> closes another element"

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] not in ("style", "script"):
            self.words += data + " "


@cache
def full_page() -> str:
    rows = grid_rows(curves=curves_for)
    analysis = grid_analysis()
    by_number = {row.number: row for row in rows}
    curves = {number: by_number[number].record.curves for number in sample_numbers(rows, analysis)}
    return render_html(sweep_of(grid_spec(), rows), analysis, trials=rows, curves=curves)


def test_the_page_has_every_section_when_there_is_something_to_say() -> None:
    page = Checker(full_page())
    assert page.open == []
    assert set(page.ids) == {
        "map", "recommendation", "edges", "remedies", "p-stable", "sensitivity", "importance", "settings",
        "losses", "gradient-norms", "clip-fraction", "clip-advice", "explosions", "layers", "spec", "method",
    }  # fmt: skip
    assert len(page.ids) == len(set(page.ids))


def test_the_page_refers_to_nothing_but_itself() -> None:
    page = Checker(full_page())
    assert all(reference.startswith("#") for reference in page.references)
    assert {reference[1:] for reference in page.references} <= set(page.ids)
    assert "url(" not in full_page()
    assert "<script" not in full_page()


def test_two_pages_of_the_same_sweep_are_equal() -> None:
    assert full_page() == full_page.__wrapped__()


def test_a_page_of_hundreds_of_trials_stays_small() -> None:
    assert len(full_page().encode()) < 400_000


@pytest.mark.parametrize("name", ODD_SWEEPS)
def test_an_odd_sweep_has_a_whole_page_without_empty_values(name: str) -> None:
    spec, rows = ODD_SWEEPS[name]
    page = Checker(render_html(sweep_of(spec, rows), odd_analysis(name), trials=rows))
    assert page.open == []
    assert "recommendation" in page.ids
    words = page.words.replace("none", "")
    assert "None" not in words
    assert "nan" not in words.split()


def test_failed_trials_have_a_section_with_their_errors() -> None:
    rows = cell_rows({0.1: ["stable"], 1.0: ["failed"]}, error="Traceback\nRuntimeError: disk <full>")
    page = Checker(render_html(sweep_of(grid_spec(), rows), analyze(grid_spec(), rows)))
    assert "failed" in page.ids
    assert "RuntimeError: disk <full>" in page.words


def test_hostile_names_are_text() -> None:
    spec, rows = ODD_SWEEPS["hostile names"]
    page = render_html(sweep_of(spec, rows), odd_analysis("hostile names"), trials=rows)
    assert "<script>" not in page
    assert "<script>alert(1)</script>" in Checker(page).words


def test_the_explosion_is_drawn_with_its_onset() -> None:
    page = full_page()
    assert "onset: step 17" in page
    assert "hidden.0" in Checker(page).words


def test_every_tile_says_how_far_it_is_from_the_edge() -> None:
    page = full_page()
    assert "none, lr 0.001 (316× below the largest stable lr): 2 stable" in page
    assert "none, lr 0.316 (the largest stable lr): 2 stable" in page
    assert "none, lr 100 (316× above the largest stable lr): 2 exploded" in page
