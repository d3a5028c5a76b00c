"""How long MLflow's own page of an experiment takes to open when it holds a sweep of 1,000 trials.

    python -m benchmarks.mlflow_page [--trials 1000] [--picture FILE.png]

Mirrors a made-up sweep (17 curves of 32 points and a layer table a trial) as the one-machine stack does, and
opens the experiment in headless Chromium, twice, with nothing in its cache. Prints the seconds from
asking for the page to the sweep's row, from its + to the first trials below it, and to the first chart.
"""

import argparse
import platform
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from playwright.sync_api import Page, expect

from sweeps.ledger import open_ledger
from sweeps.ledger.base import EndedTrial, Sweep
from sweeps.mlflow_links import charts_url, experiment_url
from sweeps.mlflow_mirror import open_mirror
from sweeps.mlflow_names import CURVES
from sweeps.mlflow_store import TrackingStore
from tests.browser.chromium import chromium
from tests.contracts.ledger_rows import ended_sweep, ended_trial
from tests.contracts.mlflow_server import mlflow_server
from trainers.record import Curves

NUM_CURVES, NUM_POINTS = 17, 32
PATIENCE_MILLISECONDS = 120_000
LAYERS = ("dense1", "dense2", "output")


def trial(number: int) -> EndedTrial:
    """A trial with as many curves and points as a real one."""
    steps = np.arange(NUM_POINTS, dtype=np.int64) * 10
    values = np.random.default_rng(number).random(NUM_POINTS).astype(np.float32)
    norms = np.outer(values, np.ones(len(LAYERS))).astype(np.float32)
    curves = Curves(steps, dict.fromkeys(list(CURVES)[:NUM_CURVES], values), LAYERS, {"grad_norm": norms})
    made = ended_trial(number, ("stable", "spiky", "diverged", "exploded")[number % 4])  # type: ignore[arg-type]
    return replace(made, record=replace(made.record, curves=curves))


def mirrored(url: str, store: TrackingStore, folder: Path, num_trials: int) -> Sweep:
    """A sweep of so many trials, in MLflow."""
    ledger = open_ledger(f"sqlite:///{folder / 'ledger.db'}")
    sweep = ended_sweep(ledger, [trial(number) for number in range(num_trials)])
    started = time.perf_counter()
    assert open_mirror(ledger, url, store=store).drain(600)
    print(f"mirrored {num_trials} trials in {time.perf_counter() - started:.1f} s", flush=True)
    return ledger.get_sweep(sweep.id)


def timed(act: Callable[[], object]) -> float:
    """Seconds that `act` takes."""
    started = time.perf_counter()
    act()
    return time.perf_counter() - started


def look(page: Page, url: str, sweep: Sweep) -> None:
    """Open the page and unfold the sweep."""
    experiment = sweep.mlflow_experiment_id or ""
    row = page.get_by_role("row").filter(has=page.get_by_role("link", name=sweep.name, exact=True))
    trials = page.get_by_role("link").filter(has_text="lr=")

    def open_table() -> None:
        page.goto(experiment_url(url, experiment))
        expect(row).to_be_visible()

    def unfold() -> None:
        row.get_by_role("button").first.click()
        expect(trials.first).to_be_visible()

    table, unfolded = timed(open_table), timed(unfold)
    print(f"table {table:.2f} s, unfolded {unfolded:.2f} s", flush=True)


def look_at_charts(page: Page, url: str, sweep: Sweep) -> None:
    """Open the charts, which ask the server for the curves of all runs that it listed."""
    chart = page.get_by_test_id("experiment-view-compare-runs-card").locator("path.point, .trace").first

    def open_charts() -> None:
        page.goto("about:blank")
        page.goto(charts_url(url, sweep.mlflow_experiment_id or ""))
        expect(chart).to_be_visible()

    print(f"charts {timed(open_charts):.2f} s", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--trials", type=int, default=1000, help="trials of the sweep")
    parser.add_argument("--picture", type=Path, help="where to keep a picture of the charts")
    options = parser.parse_args()
    print(f"{datetime.now(UTC):%Y-%m-%d}, {platform.machine()}, {platform.system()}, Chromium headless")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with mlflow_server(folder) as server, chromium() as browser:
            sweep = mirrored(server.url, server.store, folder, options.trials)
            expect.set_options(timeout=PATIENCE_MILLISECONDS)
            for _ in range(2):
                page = browser.new_page(viewport={"width": 1500, "height": 950})  # remembers nothing
                page.set_default_timeout(PATIENCE_MILLISECONDS)
                look(page, server.url, sweep)
            look_at_charts(page, server.url, sweep)
            if options.picture:
                page.screenshot(path=options.picture)


if __name__ == "__main__":
    main()
