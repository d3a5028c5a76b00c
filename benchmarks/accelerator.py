"""Packs on a GPU against processes that train one trial each on the same GPU.

    python -m benchmarks.accelerator [--device cuda] [--sizes 1 8 32 …] [--processes 1 16] [--only mlp]
                                     [--steps 200] [--repeats 3] [--save FOLDER]

Prints trials a second as a Markdown table: over one process that trains one trial after another, over the
best of all numbers of processes, and as a share of what float32 matrix products reach on the device. A pack's
time is all of it: initial weights, batches, statistics of every step, evaluations, outcomes and curves;
that of a process is its steps in plain torch, nothing else. Sizes that do not fit into half of the free
memory are left out, and those that would take longer than `--longest` seconds. `--save` writes the table and
every measurement. `--device cpu --steps 8 --sizes 1 2 --processes 1 --matmul 256` tries it without a GPU.
"""

import argparse
import json
import os
import platform
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from time import perf_counter

import torch

from benchmarks.plain_models import PLAIN_MODELS
from benchmarks.plain_processes import WARM_STEPS, seconds_together
from benchmarks.roofline import peak_flops, step_flops
from benchmarks.stacking import CASES, Case
from trainers.config import TrialConfig
from trainers.device import synchronize
from trainers.initial import InitialRows
from trainers.memory import largest_stack, member_bytes
from trainers.pack import PackRun, PackTrial
from trainers.stack import Stack
from trainers.supervised import Supervised

NAMES = (
    "mlp 64-128-64-10",
    "mlp 784-128-64-10",
    "rnn 50 units, 50 steps",
    "cnn 8×8",
    "cnn 28×28",
    "transformer 64 wide, 50 steps",
)


@dataclass(frozen=True)
class Rate:
    """Trials a second of one way to train a case, in each repeat; `size` trials at once."""

    case: str
    way: str
    size: int
    trials_per_second: list[float]

    @property
    def median(self) -> float:
        """Of the repeats."""
        return median(self.trials_per_second)


def configs(case: Case, num_trials: int, steps: int) -> list[TrialConfig]:
    """Trials that differ in their seed, evaluated once, with four reports."""
    settings = {"report_every": max(1, steps // 4)}
    return [case.config(steps, seed).model_copy(update=settings) for seed in range(num_trials)]


def pack_rate(case: Case, size: int, options: argparse.Namespace) -> Rate:
    """Packs of `size` trials in one stack, after a short one to warm up."""
    warm = configs(case, 1, WARM_STEPS) * size
    _pack_seconds(warm, options.device)
    found = [
        size / _pack_seconds(configs(case, size, options.steps), options.device)
        for _ in range(options.repeats)
    ]
    return Rate(case.name, "pack", size, found)


def _pack_seconds(of_trials: Sequence[TrialConfig], device: str) -> float:
    trials = [PackTrial(number, config) for number, config in enumerate(of_trials)]
    started = perf_counter()
    run = PackRun(trials, device=device, stack_size=len(trials))
    failed = []
    while not run.finished:
        failed += [record.error for record in run.advance(1.0) if record.error]
    synchronize(device)
    if failed:
        raise RuntimeError(failed[0])
    return perf_counter() - started


def largest_pack(case: Case, device: str) -> int:
    """How many members fit into the device's memory."""
    config = case.config(steps=200, seed=0)
    workload = Supervised.build(config.workload, device, torch.float32)
    stack = Stack([PackTrial(0, config)], workload, InitialRows(device), device, torch.float32)
    return largest_stack(member_bytes(stack), device)


def process_rate(case: Case, num_processes: int, options: argparse.Namespace) -> Rate:
    """Processes that each train one trial in plain torch, all at once; their start does not count."""
    slowest = seconds_together(case, num_processes, options.steps, options.repeats, options.device)
    return Rate(case.name, "processes", num_processes, [num_processes / seconds for seconds in slowest])


def rates(case: Case, options: argparse.Namespace) -> list[Rate]:
    """Processes first, then packs that fit and do not take too long."""
    found = [process_rate(case, count, options) for count in options.processes]
    limit = largest_pack(case, options.device)
    last = found[0]
    for size in options.sizes:
        if size > limit or (last.way == "pack" and size / last.median > options.longest):
            break
        last = pack_rate(case, size, options)
        found.append(last)
    return found


def rows(case: Case, found: Sequence[Rate], steps: int, peak: float) -> list[str]:
    """The case's rows of the table."""
    flops = step_flops(case, PLAIN_MODELS[case.name]()) * steps
    plain = [rate for rate in found if rate.way == "processes"]
    one, best = plain[0].median, max(rate.median for rate in plain)
    return [
        f"| {case.name} | {_words(rate)} | {rate.median:.3g} | {min(rate.trials_per_second):.3g} to "
        f"{max(rate.trials_per_second):.3g} | {rate.median / one:.3g}× | {rate.median / best:.3g}× | "
        f"{rate.median * flops / peak:.2%} |"
        for rate in found
    ]


def _words(rate: Rate) -> str:
    if rate.way == "pack":
        return f"a pack of {rate.size}"
    return "one process, a trial at a time" if rate.size == 1 else f"{rate.size} processes at once"


def machine(options: argparse.Namespace) -> dict[str, object]:
    """What is measured on and with."""
    is_gpu = options.device.startswith("cuda")
    return {
        "device": torch.cuda.get_device_name(options.device) if is_gpu else options.device,
        "torch": torch.__version__,
        "python": platform.python_version(),
        "date": f"{datetime.now(UTC):%Y-%m-%d}",
        "steps": options.steps,
        "repeats": options.repeats,
        "threads": options.threads,
        "matmul_tflops": peak_flops(options.device, options.matmul) / 1e12,
    }


def main() -> None:
    """Measure the chosen cases and print the table as Markdown."""
    options = _parser().parse_args()
    torch.set_num_threads(options.threads)
    on = machine(options)
    lines = [
        f"{on['device']}, torch {on['torch']}, {on['date']}; {options.steps} steps a trial, medians of "
        f"{options.repeats}, {options.threads} threads of the host for a pack; float32 products of "
        f"{options.matmul}×{options.matmul}: {on['matmul_tflops']:.3g} TFLOP/s",
        "",
        "| case | way | trials/s | from … to | over one process | over the best number of processes | "
        "of the roofline |",
        "|---|---|---|---|---|---|---|",
    ]
    print("\n".join(lines), flush=True)
    measured: list[Rate] = []
    for case in CASES:
        if case.name in NAMES and options.only in case.name:
            found = rates(case, options)
            measured += found
            lines += rows(case, found, options.steps, peak=float(str(on["matmul_tflops"])) * 1e12)
            print("\n".join(lines[-len(found) :]), flush=True)
            _save(options.save, lines, {"machine": on, "rates": [asdict(rate) for rate in measured]})


def _save(folder: Path | None, lines: Sequence[str], document: dict[str, object]) -> None:
    if folder is None:
        return
    (folder / "accelerator.md").write_text("\n".join(lines) + "\n", encoding="utf-8")
    text = json.dumps(document, indent=1, ensure_ascii=False)
    (folder / "accelerator.json").write_text(text + "\n", encoding="utf-8")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.accelerator",
        description=__doc__,
        formatter_class=argparse.RawTextHelpFormatter,
    )
    add = parser.add_argument
    add("--device", default="cuda")
    add("--sizes", type=int, nargs="+", default=[1, 8, 32, 128, 512, 2048], help="trials in a pack")
    add("--processes", type=int, nargs="+", default=[1, 16], help="processes at once; begin with 1")
    add("--repeats", type=int, default=3)
    add("--threads", type=int, default=os.cpu_count() or 1, help="of the host, for packs")
    add("--longest", type=float, default=12.0, help="seconds that a pack may take")
    add("--save", type=Path, help="folder for accelerator.md and accelerator.json")
    add("--only", default="", help="measure the cases whose name contains this")
    add("--steps", type=int, default=200)
    add("--matmul", type=int, default=8192, help="side of the matrices for the roofline")
    return parser


if __name__ == "__main__":
    main()
