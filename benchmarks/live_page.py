"""Whether the page of a sweep of 10,000 trials stutters while its map fills in.

    python -m benchmarks.live_page [--seconds 20] [--picture FILE.png]

Fills a ledger with a sweep of 10,000 trials, 9,000 of which have ended, and looks at it in Chromium while the
rest arrive in batches, once just looking and once scrolling and walking with the arrow keys. Prints the time
between frames, the tasks of the browser's main thread that took longer than 50 ms, the time from opening the
page to its map, and the server's time for the map.
"""

import argparse
import platform
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import numpy as np
from playwright.sync_api import Page

from service.app import create_app
from service.settings import ServiceSettings
from sweeps.ledger import Ledger
from sweeps.ledger.base import NewSweep, Sweep
from sweeps.plan import make_plan
from sweeps.spec import parse_spec
from tests.browser.chromium import chromium
from tests.service import samples
from tests.service.live import live_server

SPEC = """\
name: ten-thousand
workload:
  data: {kind: digits}
  model: {kind: mlp, hidden: [32]}
base: {steps: 200, optimizer: {kind: sgd}}
axes:
  optimizer.lr: {log_grid: [0.001, 100, 25]}
  clip:
    values:
    - {kind: none}
    - {kind: global_norm, max_norm: 0.1}
    - {kind: global_norm, max_norm: 1.0}
    - {kind: global_norm, max_norm: 10.0}
    - {kind: value, max_value: 0.1}
    - {kind: per_tensor_norm, max_norm: 1.0}
    - {kind: normalize}
    - {kind: agc}
  init:
    values:
    - {kind: kaiming_normal}
    - {kind: normal, std: 1.0}
    - {kind: xavier_normal}
    - {kind: orthogonal}
    - {kind: lecun_normal}
  batch_size: {values: [16, 32, 64, 128, 256]}
seeds: 2
"""
NUM_BEFORE = 9000
BATCH = 20

WATCH = """() => {
    window.frames = []; window.longTasks = [];
    new PerformanceObserver((list) => window.longTasks.push(...list.getEntries().map((e) => e.duration)))
        .observe({ type: "longtask" });
    let last = performance.now();
    const tick = (now) => { window.frames.push(now - last); last = now; requestAnimationFrame(tick); };
    requestAnimationFrame(tick);
}"""


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", type=float, default=20.0, help="how long to look, each time")
    parser.add_argument("--picture", type=Path, help="where to keep a picture of the page")
    options = parser.parse_args()
    print(f"{datetime.now(UTC):%Y-%m-%d}, {platform.machine()}, {platform.system()}, Chromium headless")
    with tempfile.TemporaryDirectory() as folder, serving(Path(folder)) as (url, ledger):
        sweep, rest = fill(ledger)
        address = f"{url}/sweeps/{sweep.id}"
        print(f"map, first time {timed_map(url, sweep):.2f} s, then {timed_map(url, sweep):.3f} s")
        with chromium() as browser:
            page = browser.new_page(viewport={"width": 1360, "height": 950})
            print(f"from opening to the map {open_page(page, address):.2f} s, "
                  f"{page.evaluate('document.querySelectorAll(`*`).length')} elements")  # fmt: skip
            half = len(rest) // 2
            look(page, ledger, sweep, rest[:half], options.seconds, "looking", still)
            look(page, ledger, sweep, rest[half:], options.seconds, "scrolling and walking", wander)
            if options.picture:
                page.evaluate("scrollTo(0, 0)")
                page.screenshot(path=options.picture)


@contextmanager
def serving(folder: Path) -> Iterator[tuple[str, Ledger]]:
    app = create_app(ServiceSettings(state_dir=folder))
    with live_server(app) as url:
        yield url, app.state.ledger
    app.state.ledger.close()


def fill(ledger: Ledger) -> tuple[Sweep, list[Any]]:
    """The sweep, and the trials that have yet to end, in an order that touches every panel."""
    spec = parse_spec(SPEC)
    trials = make_plan(spec).trials
    ledger.create_sweep(NewSweep(spec.name, spec.canonical(), len(trials)))
    sweep = samples.claim(ledger)
    order = np.random.default_rng(0).permutation(len(trials))
    ended = [samples.ended(trials[number]) for number in order]
    for start in range(0, NUM_BEFORE, 500):
        ledger.append_trials(sweep.id, samples.RUNNER, ended[start : start + 500])
    return sweep, ended[NUM_BEFORE:]


def timed_map(url: str, sweep: Sweep) -> float:
    started = time.perf_counter()
    httpx.get(f"{url}/v1/sweeps/{sweep.id}/map", timeout=60).raise_for_status()
    return time.perf_counter() - started


def open_page(page: Page, address: str) -> float:
    started = time.perf_counter()
    page.goto(address)
    page.wait_for_selector("#map[aria-busy=false] canvas")
    return time.perf_counter() - started


def still(page: Page, seconds: float) -> None:
    page.wait_for_timeout(1000 * seconds)


def wander(page: Page, seconds: float) -> None:
    page.locator("#map canvas").first.focus()
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        page.mouse.wheel(0, 400)
        for key in ("ArrowRight", "ArrowRight", "ArrowDown"):
            page.keyboard.press(key)
            page.wait_for_timeout(30)


def look(
    page: Page, ledger: Ledger, sweep: Sweep, rest: list[Any], seconds: float, name: str, act: Any
) -> None:
    """Watch the page while the rest ends, spread over the time."""
    page.evaluate(WATCH)
    pause = seconds * BATCH / len(rest)

    def train() -> None:
        for start in range(0, len(rest), BATCH):
            ledger.append_trials(sweep.id, samples.RUNNER, rest[start : start + BATCH])
            time.sleep(pause)

    trainer = threading.Thread(target=train)
    trainer.start()
    act(page, seconds)
    trainer.join()
    frames = np.array(page.evaluate("window.frames.splice(0)"))
    tasks = page.evaluate("window.longTasks.splice(0)")
    quantiles = ", ".join(f"{share:.1%} {np.quantile(frames, share):.0f}" for share in (0.5, 0.99, 0.999))
    longest = f", the longest {max(tasks):.0f} ms" if tasks else ""
    print(f"{name}: {len(frames)} frames, ms between them: {quantiles}, most {frames.max():.0f}")
    print(f"{name}: {len(tasks)} tasks over 50 ms{longest}")


if __name__ == "__main__":
    main()
