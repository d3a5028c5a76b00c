"""How long the one-machine stack takes to be ready, what it costs while idle, and how soon a sweep answers.

    python -m benchmarks.startup [--repeats 3] [--idle-seconds 20]

Run on a quiet machine. Each repeat starts a stack on an empty state folder and measures: seconds until
`/readyz` says ready; seconds until its processes are at rest; the memory of all its processes, shared pages
counted once (PSS) and every time (RSS); processor time while idle, as a share of one core; seconds from a
POST to the sweep's first trial in the ledger, once as the first sweep and again as the next.
"""

import argparse
import platform
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

import psutil

from service.client import Client
from service.stack.plans import StackOptions
from service.stack.stack import Stack

SPEC = """
name: startup
workload: {data: {kind: digits}, model: {kind: mlp, hidden: [32]}}
base: {steps: 50, optimizer: {kind: sgd, lr: 0.1}}
axes: {optimizer.lr: {log_grid: [0.01, 1, 8]}}
"""
SETTLED_SHARE = 0.1
"""Below this share of one core over some seconds, nothing is starting any more."""
SETTLED_SECONDS = 3.0
SETTLE_TIMEOUT_SECONDS = 60.0


@dataclass(frozen=True)
class Startup:
    """What one start of a stack measured; times in seconds, memory in 10⁶ bytes."""

    ready: float
    processor_until_ready: float
    settled: float
    pss: float
    rss: float
    num_processes: float
    idle_share: float
    first_trial: float
    first_trial_again: float


def processes() -> list[psutil.Process]:
    """Every process of the stack that this process started, guards included."""
    return psutil.Process().children(recursive=True)


def processor_seconds() -> float:
    """User and system time of the stack's processes, and of their children that have ended."""
    return sum(sum(times[:4]) for times in _each(processes(), "cpu_times"))


def _each(processes: list[psutil.Process], method: str) -> Iterator[tuple[float, ...]]:
    for process in processes:
        try:
            yield getattr(process, method)()
        except psutil.NoSuchProcess:
            continue


def settle() -> None:
    """Wait until the stack has been at rest for a while."""
    give_up_at = time.monotonic() + SETTLE_TIMEOUT_SECONDS
    while time.monotonic() < give_up_at and idle_share(SETTLED_SECONDS) > SETTLED_SHARE:
        pass


def memory() -> tuple[float, float]:
    """PSS and RSS of all processes together, in 10⁶ bytes."""
    infos = [process.memory_full_info() for process in processes()]
    return sum(info.pss for info in infos) / 1e6, sum(info.rss for info in infos) / 1e6


def idle_share(seconds: float) -> float:
    """Processor time of the stack over `seconds` of doing nothing, as a share of one core."""
    before = processor_seconds()
    time.sleep(seconds)
    return (processor_seconds() - before) / seconds


def first_trial(client: Client) -> float:
    """Seconds from the POST until the sweep's first trial can be read."""
    posted = time.monotonic()
    sweep = client.submit(SPEC)
    while not client.sweep(sweep["id"])["num_ended"]:
        time.sleep(0.01)
    return time.monotonic() - posted


def measure(folder: Path, idle_seconds: float) -> Startup:
    """Start a stack on `folder`, measure it, and stop it."""
    started = time.monotonic()
    with Stack(StackOptions(folder, port=0, mlflow_port=0), print) as stack, Client(stack.api_url) as client:
        stack.wait_until_ready()
        ready = time.monotonic() - started
        processor = processor_seconds()
        settle()
        settled = time.monotonic() - started
        num_processes = len(processes())
        pss, rss = memory()
        idle = idle_share(idle_seconds)
        first = first_trial(client)
        settle()
        again = first_trial(client)
        return Startup(ready, processor, settled, pss, rss, num_processes, idle, first, again)


def main() -> None:
    """Print the median of the repeats, and each of them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--idle-seconds", type=float, default=20.0)
    options = parser.parse_args()
    results = []
    for _ in range(options.repeats):
        with tempfile.TemporaryDirectory(prefix="gs-") as folder:
            results.append(measure(Path(folder), options.idle_seconds))
    machine = platform.processor() or platform.machine()
    print(f"{machine}, {psutil.cpu_count()} processors, {datetime.now(UTC):%Y-%m-%d}")
    for field in fields(Startup):
        values = [getattr(result, field.name) for result in results]
        print(f"{field.name:22} {median(values):8.4g}   of {' '.join(f'{value:.4g}' for value in values)}")


if __name__ == "__main__":
    main()
