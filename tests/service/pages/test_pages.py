"""The pages as a browser gets them, before any script runs."""

import re
from html.parser import HTMLParser

import httpx

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


def test_every_trial_has_its_place_on_the_map_from_the_start(api: httpx.Client, sweep: Sweep) -> None:
    page = api.get(f"/sweeps/{sweep.id}").text
    assert sorted(int(n) for n in re.findall(r'id="t(\d+)"', page)) == list(range(48))


def test_ended_trials_are_coloured_and_lettered_without_any_script(
    api: httpx.Client, ledger: Ledger, sweep: Sweep
) -> None:
    samples.train(ledger, samples.claim(ledger))
    page = api.get(f"/sweeps/{sweep.id}").text
    assert '<i id="t0" class="stalled"></i>' in page
    assert f'<b class="exploded">{PALETTE["exploded"].letter}</b>' in page
    assert f'<b class="exploded">{PALETTE["exploded"].letter.lower()}</b>' in page


def test_the_page_of_a_finished_sweep_has_its_findings_and_no_cancel_button(
    api: httpx.Client, ledger: Ledger, sweep: Sweep
) -> None:
    path = f"/sweeps/{sweep.id}"
    assert 'id="cancel"' in api.get(path).text
    samples.train(ledger, samples.claim(ledger))
    samples.finish(ledger, sweep)
    page = api.get(path).text
    assert 'id="cancel"' not in page
    assert "Largest stable learning rate" in page
    assert 'data-live="no"' in page


def test_the_stream_of_a_page_begins_behind_what_the_page_shows(
    api: httpx.Client, ledger: Ledger, sweep: Sweep
) -> None:
    samples.train(ledger, samples.claim(ledger), range(4))
    last = ledger.events(sweep.id)[-1].id
    assert f'data-after="{last}"' in api.get(f"/sweeps/{sweep.id}").text


def test_pages_load_nothing_from_elsewhere_and_every_link_of_theirs_leads_somewhere(
    api: httpx.Client, ledger: Ledger, sweep: Sweep
) -> None:
    samples.train(ledger, samples.claim(ledger))
    samples.finish(ledger, sweep)
    for path in ("/", f"/sweeps/{sweep.id}"):
        answer = api.get(path)
        assert "default-src 'self'" in answer.headers["content-security-policy"]
        found = Addresses(answer.text)
        assert all(address.startswith("/static/") for address in found.loaded)
        for address in {*found.loaded, *found.linked}:
            assert api.get(address).status_code == 200, address


def test_the_cascade_order_of_the_script_is_that_of_the_analysis(api: httpx.Client) -> None:
    from sweeps.analysis.points import SEVERITY

    script = api.get("/static/live.js").text
    assert f"const SEVERITY = {str(list(SEVERITY)).replace(chr(39), chr(34))};" in script
