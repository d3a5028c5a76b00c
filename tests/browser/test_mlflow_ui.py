"""MLflow's own pages show a sweep as its users will look for it."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from sweeps.ledger import open_ledger
from sweeps.ledger.base import Sweep
from sweeps.mlflow_client_sink import ClientSink
from sweeps.mlflow_links import experiment_url, run_url
from sweeps.mlflow_mirror import Mirror
from tests.browser.chromium import chromium, screenshot
from tests.contracts.ledger_rows import ended_sweep, ended_trial, exploded_trial
from tests.contracts.mlflow_server import mlflow_server

pytestmark = pytest.mark.integration

PATIENCE_MILLISECONDS = 60_000
REPORT = "<!doctype html><title>Report</title><h1>Where training is stable</h1>"
EXPLODED = {3, 5, 7}


@pytest.fixture(scope="module")
def server_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with mlflow_server(tmp_path_factory.mktemp("mlflow")) as server:
        yield server.url


@pytest.fixture(scope="module")
def sweep(server_url: str, tmp_path_factory: pytest.TempPathFactory) -> Sweep:
    """A mirrored sweep of eight trials, three of which exploded."""
    ledger = open_ledger(f"sqlite:///{tmp_path_factory.mktemp('ledger') / 'ledger.db'}")
    trials = [exploded_trial(number) if number in EXPLODED else ended_trial(number) for number in range(8)]
    ended = ended_sweep(ledger, trials)
    ledger.store_report(ended.id, REPORT, {"edges": []}, markdown="### Stability map")
    assert Mirror(ledger, ClientSink(server_url)).drain(120)
    return ledger.get_sweep(ended.id)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    page = browser.new_page(viewport={"width": 1500, "height": 950})
    page.set_default_timeout(PATIENCE_MILLISECONDS)
    expect.set_options(timeout=PATIENCE_MILLISECONDS)
    yield page
    page.close()


def parent_row(page: Page, sweep: Sweep) -> Locator:
    return page.get_by_role("row").filter(has=page.get_by_role("link", name=sweep.name, exact=True))


def trial_links(page: Page) -> Locator:
    return page.get_by_role("link").filter(has_text="lr=")


def test_the_parent_is_listed_with_its_children(page: Page, server_url: str, sweep: Sweep) -> None:
    page.goto(experiment_url(server_url, sweep.mlflow_experiment_id or ""))
    parent_row(page, sweep).get_by_role("button").first.click()
    expect(trial_links(page)).to_have_count(8)
    expect(page.get_by_text("9 matching runs")).to_be_visible()
    screenshot(page, "mlflow-runs")


def test_the_outcome_tag_finds_exactly_the_exploded_trials(page: Page, server_url: str, sweep: Sweep) -> None:
    page.goto(experiment_url(server_url, sweep.mlflow_experiment_id or ""))
    expect(parent_row(page, sweep)).to_be_visible()
    search = page.get_by_placeholder("metrics.rmse")
    search.fill("tags.outcome = 'exploded'")
    search.press("Enter")
    expect(page.get_by_text("4 matching runs")).to_be_visible()  # MLflow shows their parent as well
    parent_row(page, sweep).get_by_role("button").first.click()
    expect(trial_links(page)).to_have_count(len(EXPLODED))
    names = {name.rsplit("#")[0].strip() for name in trial_links(page).all_inner_texts()}
    assert names == {"lr=0.2 clip=none", "lr=0.3 clip=none", "lr=0.4 clip=none"}
    screenshot(page, "mlflow-exploded")


def test_a_trial_shows_its_evidence_and_its_curves(page: Page, server_url: str, sweep: Sweep) -> None:
    page.goto(experiment_url(server_url, sweep.mlflow_experiment_id or ""))
    parent_row(page, sweep).get_by_role("button").first.click()
    trial_links(page).filter(has_text="lr=0.2 clip=none #1").click()
    expect(page.get_by_text("outcome.layer")).to_be_visible()
    expect(page.get_by_text("non-finite loss").first).to_be_visible()
    screenshot(page, "mlflow-trial")
    page.get_by_role("tab", name="Model metrics").click()
    page.get_by_placeholder("Search metric charts").fill("train_loss")
    title = page.get_by_role("heading", name="train_loss", exact=True)
    chart = page.get_by_test_id("experiment-view-compare-runs-card").filter(has=title)
    expect(chart.locator("path.point")).to_have_count(4)
    screenshot(page, "mlflow-curves")


def test_the_notes_link_opens_charts_of_stability_with_a_line_for_each_outcome(
    page: Page, server_url: str, sweep: Sweep
) -> None:
    page.goto(run_url(server_url, sweep.mlflow_experiment_id or "", sweep.mlflow_run_id or ""))
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="Charts of all trials").click()
    charts = opened.value
    cards = charts.get_by_test_id("experiment-view-compare-runs-card")
    expect(cards.get_by_role("heading", name="train_loss", exact=True)).to_be_visible()
    expect(charts.get_by_text("Group: exploded")).to_be_visible()
    expect(charts.get_by_text("Group: stable")).to_be_visible()
    assert cards.get_by_role("heading").all_inner_texts()[:2] == ["train_loss", "eval_loss"]
    screenshot(charts, "mlflow-charts")
    charts.close()


def test_a_trials_gradients_can_be_seen(page: Page, server_url: str, sweep: Sweep) -> None:
    page.goto(experiment_url(server_url, sweep.mlflow_experiment_id or ""))
    parent_row(page, sweep).get_by_role("button").first.click()
    trial_links(page).first.click()
    page.get_by_role("tab", name="Artifacts").click()
    page.get_by_text("gradients.html").first.click()
    drawing = page.frame_locator("iframe").get_by_role("img", name="gradient norms by layer and step")
    expect(drawing).to_be_visible()
    screenshot(page, "mlflow-gradients")


def test_the_sweeps_note_and_report_open(page: Page, server_url: str, sweep: Sweep) -> None:
    page.goto(run_url(server_url, sweep.mlflow_experiment_id or "", sweep.mlflow_run_id or ""))
    expect(page.get_by_role("heading", name="Stability map")).to_be_visible()
    screenshot(page, "mlflow-sweep")
    page.get_by_role("tab", name="Artifacts").click()
    page.get_by_text("report.html").first.click()
    report = page.frame_locator("iframe").get_by_role("heading", name="Where training is stable")
    expect(report).to_be_visible()
    screenshot(page, "mlflow-report")
