"""From the form to the map, the curves and MLflow, on a stack that really trains."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from service.stack.plans import StackOptions
from service.stack.stack import Stack
from tests.browser.chromium import screenshot
from tests.browser.reading import colours_of, read_row, readout, wait_for_map

pytestmark = pytest.mark.integration

PATIENCE_MILLISECONDS = 120_000


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    folder = tmp_path_factory.mktemp("stack") / ".gradsweep"
    with Stack(StackOptions(folder, port=0, mlflow_port=0), print) as stack:
        stack.wait_until_ready()
        yield stack


def test_a_sweep_goes_from_the_form_to_its_map_its_curves_and_mlflow(browser: Browser, stack: Stack) -> None:
    page = browser.new_page(viewport={"width": 1360, "height": 950})
    page.set_default_timeout(PATIENCE_MILLISECONDS)
    page.goto(f"{stack.api_url}/new?preset=digits-quick")
    page.get_by_label("small version").check()
    expect(page.locator("#state")).to_contain_text("12 trials, about")
    page.get_by_role("button", name="Start sweep").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("digits-quick-small")
    wait_for_map(page)
    expect(page.locator("#status")).to_have_text("completed", timeout=PATIENCE_MILLISECONDS)
    expect(page.locator("#report")).to_be_visible(timeout=PATIENCE_MILLISECONDS)
    texts = [*read_row(page, 0), *read_row(page, 1)]
    assert len(texts) == 12
    assert not any("to come" in text for text in texts)
    assert {"stable"} < colours_of(page)
    while "exploded" not in readout(page) and "diverged" not in readout(page):
        page.keyboard.press("ArrowLeft")
    page.keyboard.press("Enter")
    drawer = page.locator("#drawer")
    expect(drawer.get_by_role("img", name="loss", exact=True)).to_be_visible()
    expect(drawer.get_by_role("img", name="grad norm", exact=True)).to_be_visible()
    screenshot(page, "whole-way")
    page.keyboard.press("Escape")
    page.reload()
    wait_for_map(page)
    page.locator("#map canvas").first.focus()
    page.keyboard.press("Enter")
    expect(drawer.get_by_role("link", name="MLflow run")).to_be_visible()
    address = drawer.get_by_role("link", name="MLflow run").get_attribute("href") or ""
    run_id = address.split("/runs/")[1].split("?")[0]
    answer = page.request.get(f"{stack.mlflow_url}/api/2.0/mlflow/runs/get", params={"run_id": run_id})
    tags = {tag["key"]: tag["value"] for tag in answer.json()["run"]["data"]["tags"]}
    assert tags["gradsweep.kind"] == "trial"
    page.close()
