"""The form for a new sweep: presets, every problem at its line while typing, the cost, one sweep a start."""

import pytest
from playwright.sync_api import Locator, Page, expect

from sweeps.ledger import Ledger
from sweeps.ledger.base import Sweep
from tests.browser.chromium import screenshot
from tests.browser.reading import wait_for_map
from tests.service.samples import TINY


@pytest.fixture
def form(page: Page, server: str) -> Page:
    """The form with the text that it begins with, checked."""
    page.goto(f"{server}/new")
    expect(page.locator("#state")).to_contain_text("trials, about")
    return page


@pytest.fixture
def refusing(form: Page, forgiven: list[str]) -> Page:
    """The form, for texts that are refused; the browser notes each refusal in its console."""
    forgiven.append("status of 422")
    return form


def start_button(page: Page) -> Locator:
    return page.get_by_role("button", name="Start sweep")


def marked_lines(page: Page) -> list[str]:
    return page.locator(".gutter .bad").all_inner_texts()


def test_a_preset_fills_the_form_and_its_cost_is_told_before_it_is_started(form: Page) -> None:
    form.get_by_label("Start from").select_option("digits-quick")
    expect(form.locator("#state")).to_contain_text("88 trials, about")
    expect(form.locator("#plan")).to_contain_text("configurations")
    expect(form.locator("#plan")).to_contain_text("mlp on digits")
    form.get_by_label("small version").check()
    expect(form.locator("#state")).to_contain_text("12 trials, about")
    assert "digits-quick-small" in form.locator("#spec").input_value()
    screenshot(form, "new-sweep")


def test_every_problem_stands_at_its_line_while_typing(refusing: Page) -> None:
    page, spec = refusing, refusing.get_by_label("Spec")
    spec.fill(TINY.replace("steps: 20", "stepz: 20").replace("kind: digits", "kind: digitz"))
    expect(page.locator("#problems li")).to_have_count(2)
    assert marked_lines(page) == ["3", "5"]
    expect(start_button(page)).to_be_disabled()
    expect(page.locator("#problems li").nth(0)).to_contain_text("did you mean digits?")
    expect(page.locator("#problems li").nth(1)).to_contain_text("did you mean steps?")
    screenshot(page, "new-sweep-problems")
    page.get_by_role("button", name="line 5").click()
    expect(spec).to_be_focused()
    caret = spec.evaluate("area => area.value.slice(area.selectionStart, area.selectionStart + 5)")
    assert caret == "stepz"
    page.keyboard.press("Control+Delete")
    page.keyboard.type("steps")
    expect(page.locator("#problems li")).to_have_count(1)
    assert marked_lines(page) == ["3"]
    spec.fill(TINY)
    expect(page.locator("#state")).to_contain_text("48 trials, about")
    assert marked_lines(page) == []
    expect(start_button(page)).to_be_enabled()


def test_broken_yaml_is_told_at_the_place_where_it_breaks(refusing: Page) -> None:
    refusing.get_by_label("Spec").fill("name: x\nworkload: {data: [\n")
    expect(refusing.locator("#problems li")).to_have_count(1)
    assert marked_lines(refusing) == ["3"]


def test_a_script_in_a_spec_is_shown_as_text(refusing: Page) -> None:
    refusing.get_by_label("Spec").fill('name: x\n"<img src=x onerror=document.title=1>": 2\n')
    expect(refusing.locator("#problems")).to_contain_text("<img src=x")
    assert refusing.locator("#problems img").count() == 0


def test_starting_leads_to_the_map_and_a_double_click_starts_one_sweep(form: Page, ledger: Ledger) -> None:
    form.get_by_label("Spec").fill(TINY)
    expect(form.locator("#state")).to_contain_text("48 trials")
    start_button(form).dblclick()
    expect(form.get_by_role("heading", level=1)).to_contain_text("tiny")
    wait_for_map(form)
    assert len(ledger.list_sweeps().items) == 1


def test_the_whole_form_is_done_with_the_keyboard(form: Page, ledger: Ledger) -> None:
    form.get_by_label("Start from").focus()
    form.keyboard.press("Tab")
    form.keyboard.press("Space")
    expect(form.locator("#state")).to_contain_text("12 trials")
    form.get_by_label("Spec").focus()
    form.keyboard.press("Control+Enter")
    expect(form.get_by_role("heading", level=1)).to_contain_text("digits-quick-small")
    assert ledger.list_sweeps().items[0].name == "digits-quick-small"


def test_a_clone_begins_with_the_spec_of_its_sweep(page: Page, server: str, sweep: Sweep) -> None:
    page.goto(f"{server}/sweeps/{sweep.id}")
    page.get_by_role("link", name="Clone").click()
    expect(page.locator("#state")).to_contain_text("48 trials")
    text = page.get_by_label("Spec").input_value()
    assert text.startswith("name: tiny\n")
    assert "stopping" not in text
