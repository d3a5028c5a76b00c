"""A sweep of ten thousand trials: little to send, little to lay out, and still walked square by square."""

import httpx
from playwright.sync_api import Page, expect

from benchmarks.live_page import SPEC
from sweeps.ledger import Ledger
from tests.browser.reading import readout, wait_for_map
from tests.service import samples
from tests.service.samples import YAML


def test_ten_thousand_trials_need_few_elements_and_few_bytes(page: Page, server: str, ledger: Ledger) -> None:
    answer = httpx.post(f"{server}/v1/sweeps", content=SPEC, headers=YAML, timeout=60)
    sweep_id = answer.json()["id"]
    assert answer.json()["num_trials"] == 10_000
    page.goto(f"{server}/sweeps/{sweep_id}")
    wait_for_map(page)
    assert page.locator("#map canvas").count() == 25
    assert page.evaluate("document.querySelectorAll('*').length") < 400
    found = httpx.get(f"{server}/v1/sweeps/{sweep_id}/map", timeout=60)
    assert len(found.content) < 150_000
    assert len(httpx.get(f"{server}/sweeps/{sweep_id}").content) < 20_000
    page.locator("#map canvas").nth(24).focus()
    page.keyboard.press("Control+End")
    assert readout(page).startswith("lr 100, clip agc, init=lecun_normal batch_size=256: 2 to come")
    samples.train(ledger, samples.claim(ledger), [9_998, 9_999])
    expect(page.locator("#readout")).to_contain_text("2 exploded")
