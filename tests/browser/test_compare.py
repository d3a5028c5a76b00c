"""Two sweeps side by side in the browser."""

import httpx
from playwright.sync_api import Page, expect

from sweeps.ledger import Ledger
from sweeps.ledger.base import Sweep
from tests.browser.chromium import screenshot
from tests.service import samples
from tests.service.samples import TINY, YAML


def test_two_sweeps_are_chosen_and_their_edges_stand_side_by_side(
    page: Page, server: str, ledger: Ledger, sweep: Sweep
) -> None:
    samples.train(ledger, samples.claim(ledger))
    longer = TINY.replace("name: tiny", "name: longer").replace("steps: 20", "steps: 40")
    other = httpx.post(f"{server}/v1/sweeps", content=longer, headers=YAML).json()["id"]
    samples.train(ledger, samples.claim(ledger))
    page.goto(f"{server}/sweeps/{sweep.id}")
    page.locator("#actions").get_by_role("link", name="Compare").click()
    expect(page.get_by_label("First")).to_have_value(sweep.id)
    page.get_by_label("Second").select_option(other)
    page.get_by_role("button", name="Compare").click()
    expect(page.get_by_role("region", name="Differences")).to_contain_text("steps2040")
    rows = page.get_by_role("region", name="Edges as a table").locator("tbody tr")
    expect(rows).to_have_count(4)
    expect(rows.first).to_contain_text("clip=none init=kaiming_normal")
    expect(rows.first).to_contain_text("1×")
    expect(page.get_by_role("img", name="edges of both sweeps")).to_be_visible()
    screenshot(page, "compare")
