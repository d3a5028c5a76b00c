"""The page in a real browser: nothing from the network, nothing wider than the window, nothing logged."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser.chromium import chromium
from tests.sweeps.report.test_html import full_page

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_the_page_fits_its_window_and_asks_for_nothing(
    browser: Browser, tmp_path: Path, width: int, scheme: str
) -> None:
    report = tmp_path / "report.html"
    report.write_text(full_page(), encoding="utf-8")
    page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    messages: list[str] = []
    requests: list[str] = []
    page.on("console", lambda message: messages.append(message.text))
    page.on("request", lambda request: requests.append(request.url))
    page.goto(report.as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.locator("h1").inner_text().startswith("Use lr=")
    assert requests == [report.as_uri()]
    assert messages == []
    page.close()


def test_row_labels_stay_in_view_when_the_map_scrolls(browser: Browser, tmp_path: Path) -> None:
    report = tmp_path / "report.html"
    report.write_text(full_page(), encoding="utf-8")
    page = browser.new_page(viewport={"width": 320, "height": 900})
    page.goto(report.as_uri())
    position = "element => element.getBoundingClientRect().x"
    label, tile = (page.locator(f".map tbody {kind}").first for kind in ("th", "td"))
    before, tile_before = label.evaluate(position), tile.evaluate(position)
    page.locator("#map .scroll").first.evaluate("element => element.scrollLeft = 80")
    assert abs(label.evaluate(position) - before) < 3
    assert tile.evaluate(position) == pytest.approx(tile_before - 80, abs=3)
    page.close()


def test_unticking_an_outcome_hides_its_lines_and_no_other(browser: Browser, tmp_path: Path) -> None:
    report = tmp_path / "report.html"
    report.write_text(full_page(), encoding="utf-8")
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(report.as_uri())
    exploded, stable = page.locator("#settings .of-exploded"), page.locator("#settings .of-stable")
    assert exploded.is_visible()
    page.locator("#settings .pick-exploded").uncheck()
    assert not exploded.is_visible()
    assert stable.is_visible()
    page.close()


def test_on_paper_nothing_is_cut_off(browser: Browser, tmp_path: Path) -> None:
    report = tmp_path / "report.html"
    report.write_text(full_page(), encoding="utf-8")
    page = browser.new_page(viewport={"width": 718, "height": 1000})  # A4 less its margins
    page.emulate_media(media="print")
    page.goto(report.as_uri())
    widths = page.eval_on_selector_all("table, svg", "all => all.map(e => e.getBoundingClientRect().right)")
    assert max(widths) <= 718
    page.close()
