"""The drawer beside the map: the trials of a square with their evidence, curves and layers."""

import pytest
from playwright.sync_api import Page, expect

from sweeps.ledger import Ledger
from sweeps.ledger.base import Sweep
from tests.browser.chromium import screenshot
from tests.browser.reading import readout, wait_for_map
from tests.service import samples


@pytest.fixture
def trained(page: Page, server: str, ledger: Ledger, sweep: Sweep) -> Sweep:
    """The map of a sweep whose trials have all ended but the last two."""
    samples.train(ledger, samples.claim(ledger), range(46))
    page.goto(f"{server}/sweeps/{sweep.id}")
    wait_for_map(page)
    return sweep


def find_square(page: Page, words: str) -> None:
    """Walk along the first row of the second panel until the readout has `words`."""
    page.locator("#map canvas").nth(1).focus()
    page.keyboard.press("Control+Home")
    for _ in range(6):
        if words in readout(page):
            return
        page.keyboard.press("ArrowRight")
    raise AssertionError(f"no square says {words}")


def test_enter_shows_the_trials_of_a_square_and_escape_goes_back_to_it(page: Page, trained: Sweep) -> None:
    drawer = page.locator("#drawer")
    find_square(page, "1 diverged, 1 exploded")
    place = readout(page)
    page.keyboard.press("Enter")
    expect(drawer).to_be_focused()
    expect(drawer.get_by_role("heading", name="lr=10 clip=none")).to_be_visible()
    expect(drawer.locator(".verdict")).to_contain_text("exploded")
    expect(drawer.get_by_text("in the forward pass, first in layer hidden.0")).to_be_visible()
    expect(drawer.get_by_role("img", name="loss")).to_be_visible()
    expect(drawer.get_by_role("img", name="norm", exact=True)).to_be_visible()
    expect(drawer.get_by_role("img", name="grad norm", exact=True)).to_be_visible()
    screenshot(page, "drawer")
    page.keyboard.press("Escape")
    expect(drawer).to_be_hidden()
    expect(page.locator("#map canvas").nth(1)).to_be_focused()
    assert readout(page) == place


def point_at(page: Page, panel: int, words: str) -> None:
    """Move the pointer over a panel until the readout has `words`."""
    canvas = page.locator("#map canvas").nth(panel)
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box is not None
    for y in range(8, int(box["height"]), 12):
        for x in range(8, int(box["width"]), 12):
            page.mouse.move(box["x"] + x, box["y"] + y)
            if words in readout(page):
                return
    raise AssertionError(f"no square says {words}")


def test_a_click_on_a_square_shows_it_and_its_repeats_lead_to_each_other(page: Page, trained: Sweep) -> None:
    point_at(page, 1, "1 diverged, 1 exploded")
    page.mouse.down()
    page.mouse.up()
    expect(page.locator("#drawer .repeats a")).to_have_count(2)
    expect(page.locator("#drawer .verdict")).to_contain_text("exploded")
    page.locator("#drawer .repeats a:not([aria-current])").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#drawer .verdict")).to_contain_text("diverged")
    expect(page.locator("#drawer .repeats a[aria-current]")).to_be_focused()
    page.get_by_role("button", name="Close").click()
    expect(page.locator("#drawer")).to_be_hidden()


def test_a_trial_is_explained_on_demand(page: Page, trained: Sweep) -> None:
    find_square(page, "1 diverged, 1 exploded")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="What would have helped?").click()
    explanation = page.locator("#drawer .explanation")
    expect(explanation).to_contain_text("lr")
    expect(explanation).to_contain_text("stable in")


def test_an_address_with_a_trial_opens_it(page: Page, server: str, trained: Sweep) -> None:
    find_square(page, "2 stable")
    page.keyboard.press("Enter")
    expect(page.locator("#drawer .verdict")).to_contain_text("stable")
    address = page.url
    assert "#trial-" in address
    page.goto("about:blank")
    page.goto(address)
    expect(page.locator("#drawer .verdict")).to_contain_text("stable")


def test_a_square_where_nothing_has_ended_says_so(page: Page, trained: Sweep) -> None:
    find_square(page, "lr 0.001")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("End")
    assert "2 to come" in readout(page)
    page.keyboard.press("Enter")
    expect(page.locator("#drawer")).to_contain_text("no trial has ended here yet")


def test_a_trial_that_cannot_be_read_is_told_in_the_drawer(
    page: Page, trained: Sweep, forgiven: list[str]
) -> None:
    forgiven.append("net::ERR_FAILED")
    page.route("**/trials/**", lambda route: route.abort())
    find_square(page, "2 stable")
    page.keyboard.press("Enter")
    expect(page.locator("#drawer")).to_contain_text("could not be read")
