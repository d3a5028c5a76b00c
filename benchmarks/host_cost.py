"""What a pack costs besides its steps: the share of a trial that no accelerator makes shorter.

    python -m benchmarks.host_cost [--sizes 512 2048] [--steps 200] [--seeds 3] [--case 0]

Prints milliseconds a trial by part, beside those of the steps themselves. Chunks are as long as on an
accelerator, where the clock does not cut them. Trials have five report windows, and each a seed of its own
unless `--seeds` says how many there are.
"""

import argparse
from collections import defaultdict
from collections.abc import Callable
from time import perf_counter
from typing import Any

import torch

from benchmarks.accelerator import WARM_STEPS, configs
from benchmarks.stacking import CASES, Case
from trainers import loop, pack
from trainers.batches import Batches
from trainers.pack import PackRun, PackTrial
from trainers.rates import Rates
from trainers.repetition import Repetition
from trainers.statistics.history import History

PARTS: dict[str, tuple[Any, str]] = {
    "steps": (Repetition, "make"),
    "stack": (pack, "Stack"),
    "batches": (Batches, "chunk"),
    "rates": (Rates, "chunk"),
    "history": (History, "add"),
    "evaluation": (loop.StackRun, "_evaluate"),
    "records": (loop.StackRun, "_finish"),
}
"""What is timed, and where it is called from."""


def clock(seconds: dict[str, float], part: str, call: Callable[..., Any]) -> Callable[..., Any]:
    """`call`, whose time counts as `part`."""

    def timed(*args: Any, **options: Any) -> Any:
        started = perf_counter()
        try:
            return call(*args, **options)
        finally:
            seconds[part] += perf_counter() - started

    return timed


def pack_of(case: Case, size: int, steps: int, num_seeds: int | None = None) -> list[PackTrial]:
    """Trials of so many seeds, or each of its own."""
    by_seed = configs(case, num_seeds or size, steps)
    return [PackTrial(number, by_seed[number % len(by_seed)]) for number in range(size)]


def train(trials: list[PackTrial]) -> None:
    """Train all of them in one stack."""
    run = PackRun(trials, stack_size=len(trials))
    while not run.finished:
        run.advance(1.0)


def costs(trials: list[PackTrial]) -> dict[str, float]:
    """Milliseconds a trial of each part; `rest` is what none of them accounts for."""
    seconds: dict[str, float] = defaultdict(float)
    originals = {part: getattr(owner, name) for part, (owner, name) in PARTS.items()}
    for part, (owner, name) in PARTS.items():
        setattr(owner, name, clock(seconds, part, originals[part]))
    try:
        started = perf_counter()
        train(trials)
        total = perf_counter() - started
    finally:
        for part, (owner, name) in PARTS.items():
            setattr(owner, name, originals[part])
    seconds["rest"] = total - sum(seconds.values())
    return {part: 1e3 * seconds[part] / len(trials) for part in [*PARTS, "rest"]}


def main() -> None:
    """Measure and print a row for each size."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.host_cost",
        description=__doc__,
        formatter_class=argparse.RawTextHelpFormatter,
    )
    parser.add_argument("--sizes", type=int, nargs="+", default=[512], help="trials in a pack")
    parser.add_argument("--steps", type=int, default=200)
    parser.add_argument("--seeds", type=int, help="how many different ones, each trial its own by default")
    parser.add_argument("--case", type=int, default=0, help="which of benchmarks.stacking.CASES")
    options = parser.parse_args()
    torch.set_num_threads(1)
    loop.CHUNK_SECONDS = 1e9
    case = CASES[options.case]
    for size in options.sizes:
        train(pack_of(case, 8, WARM_STEPS))
        found = costs(pack_of(case, size, options.steps, options.seeds))
        host = sum(found.values()) - found["steps"]
        parts = ", ".join(f"{part} {ms:.3f}" for part, ms in found.items())
        print(f"{case.name}, {size} trials, {options.steps} steps: {host:.3f} ms a trial besides the steps")
        print(f"    {parts}", flush=True)


if __name__ == "__main__":
    main()
