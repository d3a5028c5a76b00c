"""The page outlives its server: it connects again and goes on where it was."""

from pathlib import Path

from playwright.sync_api import Browser, Request, expect

from service.stack.ports import free_port
from tests.browser.reading import outcomes, read_row, wait_for_map
from tests.service import samples
from tests.service.live import live_app, live_server
from tests.service.samples import TINY, YAML


def test_a_page_whose_server_restarts_shows_everything_in_the_end(browser: Browser, tmp_path: Path) -> None:
    import httpx

    port = free_port()
    page = browser.new_page()
    asked: list[str] = []

    def note(request: Request) -> None:
        if "/events" in request.url:
            asked.append(request.all_headers().get("last-event-id", ""))

    page.on("request", note)
    with live_app(tmp_path) as app:
        ledger = app.state.ledger
        with live_server(app, port) as url:
            sweep_id = httpx.post(f"{url}/v1/sweeps", content=TINY, headers=YAML).json()["id"]
            page.goto(f"{url}/sweeps/{sweep_id}")
            wait_for_map(page)
            claimed = samples.claim(ledger)
            samples.train(ledger, claimed, range(20))
            expect(page.locator("#ended")).to_have_text("20")
        expect(page.locator("#connection")).to_contain_text("connection lost")
        samples.train(ledger, claimed, range(48))
        with live_server(app, port):
            expect(page.locator("#ended")).to_have_text("48", timeout=30_000)
            expect(page.locator("#connection")).to_be_empty()
            assert outcomes(read_row(page, 0)) == ["stalled", *["stable"] * 3, "diverged", "exploded"]
            samples.finish(ledger, claimed)
            expect(page.locator("#status")).to_have_text("completed", timeout=30_000)
            page.close()
    assert any(header.isdigit() for header in asked)
