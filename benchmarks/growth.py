"""How gradsweep grows: a sweep of 1,000 short trials and one of 10,000, over HTTP on one stack.

    python -m benchmarks.growth [--sizes 1000 10000]

Prints for each size the wall time a trial from the POST to the last trial in MLflow, the largest memory of
runner and API while it ran, the bytes that the ledger grew by, and how long the API took for the sweep's page
of trials, its analysis and its report.
"""

import argparse
import json
import sqlite3
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from benchmarks.completeness import num_finished
from service.client import Client
from service.stack.plans import StackOptions
from service.stack.stack import Stack

SAMPLE_SECONDS = 0.5
PARTS = {"runner": "sweeps.runner", "api": "service", "mirror": "sweeps.mlflow_main"}
"""By what their command line says after -m."""


@dataclass
class Memory:
    """The largest resident memory of each part, in MiB."""

    largest: dict[str, float] = field(default_factory=dict)

    def sample(self) -> None:
        """Look once at all processes below this one."""
        for process in psutil.Process().children(recursive=True):
            try:
                words, size = process.cmdline(), process.memory_info().rss / 2**20
            except psutil.Error:
                continue
            for name, module in PARTS.items():
                if module in words:
                    self.largest[name] = max(self.largest.get(name, 0.0), size)


@contextmanager
def watched() -> Iterator[Memory]:
    """Samples memory until the end of the context."""
    memory, ended = Memory(), threading.Event()

    def watch() -> None:
        while not ended.wait(SAMPLE_SECONDS):
            memory.sample()

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield memory
    finally:
        ended.set()
        thread.join()


def spec(num_trials: int) -> dict[str, Any]:
    """Short trials of a small network: most of their cost is everything around training."""
    return {
        "name": f"growth-{num_trials}",
        "workload": {"data": {"kind": "digits"}, "model": {"kind": "mlp", "hidden": [32]}},
        "base": {"steps": 64, "optimizer": {"kind": "sgd"}},
        "axes": {"optimizer.lr": {"log_grid": [0.001, 0.3, num_trials // 4]}},
        "seeds": 4,
    }


def train(client: Client, folder: Path, num_trials: int) -> tuple[str, float]:
    """The sweep's id and the seconds from the POST to the last trial in MLflow."""
    before, started = num_finished(folder), time.monotonic()
    sweep_id = client.submit(json.dumps(spec(num_trials)), media_type="application/json")["id"]
    while client.sweep(sweep_id)["status"] in ("queued", "running"):
        time.sleep(SAMPLE_SECONDS)
    while num_finished(folder) < before + num_trials:
        time.sleep(SAMPLE_SECONDS)
    return sweep_id, time.monotonic() - started


def answer_seconds(client: Client, sweep_id: str) -> dict[str, float]:
    """How long the API takes for what a page asks of an ended sweep; the report comes after its end."""
    for _ in client.events(sweep_id):
        pass
    asked = {"trials": client.trials, "analysis": client.analysis, "report": client.report}
    seconds = {}
    for name, ask in asked.items():
        started = time.monotonic()
        ask(sweep_id)
        seconds[name] = time.monotonic() - started
    return seconds


def grow(client: Client, folder: Path, num_trials: int) -> float:
    """One sweep; prints what it took and returns milliseconds a trial."""
    bytes_before = _ledger_bytes(folder)
    with watched() as memory:
        sweep_id, seconds = train(client, folder, num_trials)
    answers = ", ".join(f"{name} {took:.2f} s" for name, took in answer_seconds(client, sweep_id).items())
    sizes = ", ".join(f"{name} {size:.0f} MiB" for name, size in memory.largest.items())
    ledger = (_ledger_bytes(folder) - bytes_before) / num_trials
    each = 1000 * seconds / num_trials
    print(f"{num_trials} trials: {seconds:.1f} s, {each:.2f} ms a trial; at most {sizes};")
    print(f"  the ledger grew by {ledger:.0f} bytes a trial; the API answered: {answers}", flush=True)
    return each


def _ledger_bytes(folder: Path) -> int:
    """Of its pages, wherever they are: the log beside the file stays as large as it once was."""
    with closing(sqlite3.connect(f"file:{folder / 'ledger.db'}?mode=ro", uri=True)) as ledger:
        (num_pages,), (size,) = (ledger.execute(f"PRAGMA page_{of}").fetchone() for of in ("count", "size"))
    return int(num_pages * size)


def main() -> None:
    """Warm up, then one size after the other on the same stack."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=[1000, 10_000], help="multiples of four")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="gs-growth-") as name:
        folder = Path(name)
        with Stack(StackOptions(folder, port=0, mlflow_port=0), print) as stack:
            stack.wait_until_ready()
            with Client(stack.api_url) as client:
                train(client, folder, 16)
                each = [grow(client, folder, size) for size in options.sizes]
    print(
        f"a trial among {options.sizes[-1]} took {each[-1] / each[0]:.2f} times one among {options.sizes[0]}"
    )


if __name__ == "__main__":
    main()
