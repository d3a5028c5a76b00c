"""The pages in a browser that runs no scripts: they say so, hide what would do nothing, and can be read."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from sweeps.ledger import Ledger
from sweeps.ledger.base import Sweep
from tests.browser.chromium import chromium, screenshot
from tests.service import samples


@pytest.fixture(scope="module")
def plain_browser() -> Iterator[Browser]:
    """Scripts are off as its user would switch them off: otherwise `noscript` is not shown."""
    with chromium("--blink-settings=scriptEnabled=false") as browser:
        yield browser


@pytest.fixture
def plain(plain_browser: Browser) -> Iterator[Page]:
    page = plain_browser.new_page()
    yield page
    page.close()


def shown(page: Page) -> list[tuple[str, str]]:
    """Role and name of everything that can be seen, as a screen reader would find it."""
    nodes = page.context.new_cdp_session(page).send("Accessibility.getFullAXTree")["nodes"]
    return [
        (node["role"]["value"], node.get("name", {}).get("value", ""))
        for node in nodes
        if not node["ignored"]
    ]


def words(page: Page) -> str:
    return " ".join(name for role, name in shown(page) if role == "StaticText")


def test_the_form_is_replaced_by_what_works_without_it(plain: Page, server: str) -> None:
    plain.goto(f"{server}/new")
    screenshot(plain, "noscript-form")
    assert "This form needs JavaScript" in words(plain)
    assert f"--data-binary @sweep.yaml {server}/v1/sweeps" in words(plain)
    assert not {"textbox", "button", "combobox"} & {role for role, _ in shown(plain)}


def test_a_sweep_can_be_read_and_has_no_button_that_does_nothing(
    plain: Page, server: str, ledger: Ledger, sweep: Sweep
) -> None:
    samples.train(ledger, samples.claim(ledger), range(24))
    plain.goto(f"{server}/sweeps/{sweep.id}")
    screenshot(plain, "noscript-sweep")
    text = words(plain)
    assert {("StaticText", "24"), ("StaticText", "48")} <= set(shown(plain))
    assert f"gradsweep pause {sweep.id}" in text
    assert "Laying out" not in text
    assert "button" not in {role for role, _ in shown(plain)}
    assert ("link", "map, edges and recommendation") in shown(plain)
