"""The pages as a browser gets them, before any script runs."""

import json
import re
from html.parser import HTMLParser

import httpx

from sweeps.analysis.points import SEVERITY
from sweeps.ledger import Ledger
from sweeps.ledger.base import Sweep
from sweeps.report.palette import PALETTE
from tests.service import samples


class Addresses(HTMLParser):
    """Collects what a page loads, and where it leads."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.loaded: list[str] = []
        self.linked: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name in ("src", "href"):
                (self.linked if tag == "a" else self.loaded).append(value or "")


def test_an_empty_list_says_how_to_begin(api: httpx.Client) -> None:
    page = api.get("/").text
    assert "No sweep yet" in page
    assert "gradsweep submit" in page


def test_the_list_shows_each_sweep_with_its_progress(api: httpx.Client, ledger: Ledger, sweep: Sweep) -> None:
    samples.train(ledger, samples.claim(ledger), range(12))
    page = api.get("/").text
    assert f'href="/sweeps/{sweep.id}"' in page
    assert "12 of 48 trials" in page


def test_the_page_of_a_finished_sweep_has_its_findings_and_no_cancel_button(
    api: httpx.Client, ledger: Ledger, sweep: Sweep
) -> None:
    path = f"/sweeps/{sweep.id}"
    assert 'data-action="cancel"' in api.get(path).text
    samples.train(ledger, samples.claim(ledger))
    samples.finish(ledger, sweep)
    page = api.get(path).text
    assert 'data-action="cancel"' not in page
    assert "the largest stable learning rate of each cell" in page
    assert 'data-live="no"' in page


def test_pages_load_nothing_from_elsewhere_and_every_link_of_theirs_leads_somewhere(
    api: httpx.Client, ledger: Ledger, sweep: Sweep
) -> None:
    samples.train(ledger, samples.claim(ledger))
    samples.finish(ledger, sweep)
    root = f"/sweeps/{sweep.id}"
    for path in ("/", "/new", f"/compare?a={sweep.id}", root, f"{root}/trials/0"):
        answer = api.get(path)
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        found = Addresses(answer.text)
        assert all(address.startswith("/static/") for address in found.loaded)
        for address in {*found.loaded, *found.linked}:
            assert api.get(address).status_code == 200, address


def test_no_page_has_a_style_or_a_script_inside(api: httpx.Client, ledger: Ledger, sweep: Sweep) -> None:
    samples.train(ledger, samples.claim(ledger))
    samples.finish(ledger, sweep)
    root = f"/sweeps/{sweep.id}"
    for path in ("/", "/new", f"/compare?a={sweep.id}&b={sweep.id}", root, f"{root}/trials/0"):
        page = api.get(path).text
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=", page), path
        assert not re.search(r"<script(?! type=\"application/json\"|[^>]* src=)", page), path


def test_the_script_draws_outcomes_as_every_other_picture_does(api: httpx.Client, sweep: Sweep) -> None:
    page = api.get(f"/sweeps/{sweep.id}").text
    written = re.search(r'<script type="application/json" id="outcome-styles">(.*?)</script>', page)
    assert written is not None
    styles = json.loads(written.group(1))
    assert [style["name"] for style in styles] == list(SEVERITY)
    for style in styles:
        look = PALETTE[style["name"]]
        assert (style["letter"], style["color"], style["ink"]) == (look.letter, look.color, look.ink)
        assert f".{style['name']} {{ --outcome: {look.color}" in api.get("/static/palette.css").text


def test_the_page_of_a_trial_says_why_it_ended_so_beside_its_repeats(
    api: httpx.Client, ledger: Ledger, sweep: Sweep
) -> None:
    samples.train(ledger, samples.claim(ledger))
    exploded = api.get(f"/v1/sweeps/{sweep.id}/trials?outcome=exploded").json()["items"][0]["number"]
    page = api.get(f"/sweeps/{sweep.id}/trials/{exploded}").text
    assert "in the forward pass, first in layer hidden.0" in page
    assert "Training loss" in page
    assert "Gradient norm of each layer" in page
    assert page.count('class="repeats"') == 1
    assert api.get(f"/sweeps/{sweep.id}/trials/{exploded}?part=true").text.lstrip().startswith("<article")


def test_the_page_of_a_trial_that_has_not_ended_is_404(api: httpx.Client, sweep: Sweep) -> None:
    assert api.get(f"/sweeps/{sweep.id}/trials/0").status_code == 404
