"""Every page on a phone and on a desk, by day and by night."""

from collections.abc import Iterator
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page, expect

from sweeps.ledger import Ledger
from sweeps.ledger.base import Sweep
from tests.browser.chromium import screenshot
from tests.browser.reading import wait_for_map
from tests.service import samples

PATHS = {
    "sweeps": "/",
    "new": "/new",
    "sweep": "/sweeps/{id}",
    "trial": "/sweeps/{id}/trials/10",
    "compare": "/compare?a={id}&b={id}",
}
WIDTHS = {"phone": 360, "desk": 1360}


@pytest.fixture(params=["light", "dark"])
def scheme(request: pytest.FixtureRequest) -> Literal["light", "dark"]:
    return "light" if request.param == "light" else "dark"


@pytest.fixture(params=WIDTHS)
def size(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def shown(browser: Browser, size: str, scheme: Literal["light", "dark"]) -> Iterator[Page]:
    context = browser.new_context(
        viewport={"width": WIDTHS[size], "height": 800}, color_scheme=scheme, device_scale_factor=2
    )
    yield context.new_page()
    context.close()


def test_no_page_is_wider_than_its_window_and_each_takes_the_scheme(
    shown: Page, size: str, scheme: str, server: str, ledger: Ledger, sweep: Sweep
) -> None:
    samples.train(ledger, samples.claim(ledger))
    samples.finish(ledger, sweep)
    for name, path in PATHS.items():
        shown.goto(server + path.format(id=sweep.id))
        if name == "sweep":
            wait_for_map(shown)
        assert shown.evaluate("document.documentElement.scrollWidth") <= WIDTHS[size], name
        background = shown.evaluate("getComputedStyle(document.body).backgroundColor")
        is_dark = sum(int(part) for part in background[4:-1].split(",")) < 3 * 128
        assert is_dark == (scheme == "dark"), name
        screenshot(shown, f"{name}-{size}-{scheme}")


def test_a_square_can_be_tapped_on_a_phone_and_its_drawer_closed(
    browser: Browser, server: str, ledger: Ledger, sweep: Sweep
) -> None:
    samples.train(ledger, samples.claim(ledger))
    context = browser.new_context(viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True)
    page = context.new_page()
    page.goto(f"{server}/sweeps/{sweep.id}")
    wait_for_map(page)
    canvas = page.locator("#map canvas").first
    box = canvas.bounding_box()
    assert box is not None
    assert box["width"] <= 360
    canvas.tap(position={"x": box["width"] / 2, "y": box["height"] - 12})
    expect(page.locator("#drawer .verdict")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    screenshot(page, "drawer-phone")
    page.get_by_role("button", name="Close").tap()
    expect(page.locator("#drawer")).to_be_hidden()
    context.close()


def test_nothing_moves_for_those_who_asked_for_stillness(
    browser: Browser, server: str, ledger: Ledger, sweep: Sweep
) -> None:
    samples.claim(ledger)
    context = browser.new_context(reduced_motion="reduce")
    page = context.new_page()
    page.goto(f"{server}/sweeps/{sweep.id}")
    wait_for_map(page)
    assert page.evaluate("document.getAnimations().length") == 0
    assert page.evaluate("getComputedStyle(document.querySelector('.bar rect')).transitionDuration") == "0s"
    context.close()
