"""The live page in a real browser."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from playwright.sync_api import Browser, Page, expect, sync_playwright

from sweeps.ledger import Ledger
from sweeps.ledger.base import Sweep
from sweeps.report.palette import PALETTE
from tests.service import samples
from tests.service.live import live_app, live_server
from tests.service.samples import TINY, YAML

pytestmark = pytest.mark.integration


@pytest.fixture
def app(tmp_path: Path) -> Iterator[FastAPI]:
    with live_app(tmp_path) as app:
        yield app


@pytest.fixture
def ledger(app: FastAPI) -> Ledger:
    ledger: Ledger = app.state.ledger
    return ledger


@pytest.fixture
def server(app: FastAPI) -> Iterator[str]:
    with live_server(app) as url:
        yield url


@pytest.fixture
def sweep(server: str, ledger: Ledger) -> Sweep:
    answer = httpx.post(f"{server}/v1/sweeps", content=TINY, headers=YAML)
    return ledger.get_sweep(answer.json()["id"])


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"))
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser, server: str) -> Iterator[Page]:
    """A page that must not complain, and must not ask anybody but the server."""
    page = browser.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda request: complaints.append(request.url) if server not in request.url else None)
    yield page
    page.close()
    assert not complaints


def outcomes(page: Page, row: int) -> list[str]:
    """The outcomes that the capital letters of one row of the first panel stand for."""
    names = {look.letter: name for name, look in PALETTE.items()}
    letters = page.locator(".panel").first.locator("tbody tr").nth(row).locator("b").all_inner_texts()
    return [names[letter] for letter in letters]


def test_the_map_fills_in_while_the_sweep_runs(page: Page, server: str, ledger: Ledger, sweep: Sweep) -> None:
    page.goto(f"{server}/sweeps/{sweep.id}")
    expect(page.locator("#status")).to_have_text("queued")
    claimed = samples.claim(ledger)
    samples.train(ledger, claimed, range(0, 48, 2))
    expect(page.locator("#ended")).to_have_text("24")
    expect(page.locator("#status")).to_have_text("running")
    samples.train(ledger, claimed, range(1, 48, 2))
    expect(page.locator("#ended")).to_have_text("48")
    assert outcomes(page, 0) == ["stalled", *["stable"] * 3, "diverged", "exploded"]
    assert outcomes(page, 1) == [*["stalled"] * 2, *["stable"] * 3, "diverged"]
    samples.finish(ledger, claimed)
    expect(page.locator("#status")).to_have_text("completed")
    expect(page.get_by_role("heading", name="Recommendation")).to_be_visible()
    expect(page.locator("#report")).not_to_have_class("button off")
    expect(page.locator("#cancel")).to_have_count(0)


def test_what_the_script_writes_is_what_the_server_writes(
    page: Page, server: str, ledger: Ledger, sweep: Sweep
) -> None:
    page.goto(f"{server}/sweeps/{sweep.id}")
    samples.train(ledger, samples.claim(ledger))
    expect(page.locator("#ended")).to_have_text("48")
    cells = "elements => elements.map(e => e.innerHTML)"
    written_live = page.locator("table.map td").evaluate_all(cells)
    counts_live = page.locator(".legend").inner_text()
    page.reload()
    assert page.locator("table.map td").evaluate_all(cells) == written_live
    assert page.locator(".legend").inner_text() == counts_live


def test_a_sweep_is_cancelled_by_its_button_after_asking(
    page: Page, server: str, ledger: Ledger, sweep: Sweep
) -> None:
    page.goto(f"{server}/sweeps/{sweep.id}")
    page.once("dialog", lambda dialog: dialog.dismiss())
    page.locator("#cancel").click()
    assert not ledger.get_sweep(sweep.id).cancel_requested
    page.once("dialog", lambda dialog: dialog.accept())
    page.locator("#cancel").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#status")).to_have_text("cancelled")
    assert ledger.get_sweep(sweep.id).status == "cancelled"


def test_the_list_keeps_itself_up_to_date(page: Page, server: str, ledger: Ledger, sweep: Sweep) -> None:
    page.goto(server)
    expect(page.locator(".status")).to_have_text("queued")
    samples.train(ledger, samples.claim(ledger), range(10))
    expect(page.locator("#sweeps")).to_contain_text("10 of 48 trials")
    page.get_by_role("link", name="tiny").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("tiny")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_phone_scrolls_maps_and_never_the_page(
    browser: Browser, server: str, ledger: Ledger, sweep: Sweep, scheme: str
) -> None:
    samples.train(ledger, samples.claim(ledger))
    samples.finish(ledger, sweep)
    context = browser.new_context(viewport={"width": 360, "height": 740}, color_scheme=scheme)  # type: ignore[arg-type]
    page = context.new_page()
    backgrounds = []
    for path in ("/", f"/sweeps/{sweep.id}"):
        page.goto(server + path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
        backgrounds.append(page.evaluate("getComputedStyle(document.body).backgroundColor"))
    is_dark = [sum(int(part) for part in color[4:-1].split(",")) < 3 * 128 for color in backgrounds]
    assert is_dark == [scheme == "dark"] * 2
    context.close()
