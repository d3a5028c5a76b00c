"""Packs on a GPU against one process per trial on the same GPU.

    python -m benchmarks.accelerator [--device cuda] [--sizes 1 8 32 128 512] [--processes 1 2 4 8]
                                     [--only mlp] [--steps 200] [--matmul 8192]

Prints trials a second and the share of what float32 matrix products reach on the device. Sizes that do not
fit into half of the free memory are left out. `--device cpu --steps 8 --sizes 1 2 --processes 1 --matmul 256`
tries it without a GPU.
"""

import argparse
import multiprocessing
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from multiprocessing.synchronize import Barrier
from time import perf_counter

import torch

from benchmarks.plain_models import PLAIN_MODELS
from benchmarks.roofline import peak_flops, step_flops
from benchmarks.stacking import CASES, Case
from trainers.config import TrialConfig
from trainers.device import synchronize
from trainers.initial import InitialRows
from trainers.losses import task_losses
from trainers.memory import largest_stack, member_bytes
from trainers.pack import PackRun, PackTrial
from trainers.stack import Stack
from trainers.supervised import Supervised

NAMES = (
    "mlp 64-128-64-10",
    "mlp 784-128-64-10",
    "rnn 50 units, 50 steps",
    "cnn 28×28",
    "transformer 64 wide, 50 steps",
)
WARM_STEPS = 5


@dataclass(frozen=True)
class Rate:
    """Trials a second of one way to train a case."""

    way: str
    trials_per_second: float


def configs(case: Case, num_trials: int, steps: int) -> list[TrialConfig]:
    """Trials that differ in their seed, evaluated once, with four reports."""
    settings = {"report_every": max(1, steps // 4)}
    return [case.config(steps, seed).model_copy(update=settings) for seed in range(num_trials)]


def pack_rate(case: Case, size: int, steps: int, device: str) -> Rate:
    """A pack of `size` trials in one stack, after one short one to warm up."""
    for count in (WARM_STEPS, steps):
        trials = [PackTrial(number, config) for number, config in enumerate(configs(case, size, count))]
        started = perf_counter()
        run = PackRun(trials, device=device, stack_size=size)
        failed = []
        while not run.finished:
            failed += [record.error for record in run.advance(1.0) if record.error]
        synchronize(device)
        seconds = perf_counter() - started
        if failed:
            raise RuntimeError(failed[0])
    return Rate(f"pack of {size}", size / seconds)


def largest_pack(case: Case, device: str) -> int:
    """How many members fit into the device's memory."""
    config = case.config(steps=200, seed=0)
    workload = Supervised.build(config.workload, device, torch.float32)
    stack = Stack([PackTrial(0, config)], workload, InitialRows(device), device, torch.float32)
    return largest_stack(member_bytes(stack), device)


def process_rate(case: Case, num_processes: int, steps: int, device: str) -> Rate:
    """Processes that each train one trial in plain torch, all at once; their start does not count."""
    spawn = multiprocessing.get_context("spawn")
    barrier, seconds = spawn.Barrier(num_processes), spawn.SimpleQueue()
    arguments = (case, steps, device, barrier, seconds)
    processes = [spawn.Process(target=_train_plain, args=arguments) for _ in range(num_processes)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    if any(process.exitcode for process in processes):
        raise RuntimeError(f"{case.name}: a process of {num_processes} ended with an error")
    slowest = max(seconds.get() for _ in processes)
    return Rate(f"{num_processes} processes, a trial each", num_processes / slowest)


def _train_plain(
    case: Case, steps: int, device: str, barrier: Barrier, seconds: "multiprocessing.SimpleQueue[float]"
) -> None:
    torch.set_num_threads(1)
    dataset = case.config(steps, seed=0).workload.data.load()
    inputs, targets = dataset.inputs.to(device), dataset.targets.to(device)
    model = PLAIN_MODELS[case.name]().to(device)
    optimizer = torch.optim.SGD(model.parameters(), lr=1e-3, fused=True)
    for count in (WARM_STEPS, steps):
        synchronize(device)
        barrier.wait()
        started = perf_counter()
        for _ in range(count):
            rows = torch.randint(len(inputs), (case.batch_size,), device=device)
            outputs = model(inputs[rows])
            loss = task_losses(dataset.task, outputs.unsqueeze(0), targets[rows].unsqueeze(0)).sum()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        synchronize(device)
    seconds.put(perf_counter() - started)


def rates(case: Case, options: argparse.Namespace) -> list[Rate]:
    """Processes first, then packs that fit."""
    fitting = [size for size in options.sizes if size <= largest_pack(case, options.device)]
    found = [process_rate(case, count, options.steps, options.device) for count in options.processes]
    return found + [pack_rate(case, size, options.steps, options.device) for size in fitting]


def rows(case: Case, found: Sequence[Rate], steps: int, peak: float) -> list[str]:
    """The case's rows of the table."""
    flops = step_flops(case, PLAIN_MODELS[case.name]()) * steps
    best_plain = max(rate.trials_per_second for rate in found if "process" in rate.way)
    return [
        f"| {case.name} | {rate.way} | {rate.trials_per_second:.3g} | "
        f"{rate.trials_per_second / best_plain:.2f}× | {rate.trials_per_second * flops / peak:.2%} |"
        for rate in found
    ]


def main() -> None:
    """Measure the chosen cases and print the table as Markdown."""
    options = _parser().parse_args()
    torch.set_num_threads(1)
    name = torch.cuda.get_device_name(options.device) if options.device.startswith("cuda") else options.device
    peak = peak_flops(options.device, options.matmul)
    print(f"{name}, torch {torch.__version__}, {datetime.now(UTC):%Y-%m-%d}, {options.steps} steps a trial;")
    print(f"float32 products of {options.matmul}×{options.matmul}: {peak / 1e12:.3g} TFLOP/s\n")
    print("| case | way | trials/s | over the best of processes | of the roofline |\n|---|---|---|---|---|")
    for case in CASES:
        if case.name in NAMES and options.only in case.name:
            print("\n".join(rows(case, rates(case, options), options.steps, peak)), flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.accelerator",
        description=__doc__,
        formatter_class=argparse.RawTextHelpFormatter,
    )
    add = parser.add_argument
    add("--device", default="cuda")
    add("--sizes", type=int, nargs="+", default=[1, 8, 32, 128, 512, 2048], help="trials in a pack")
    add("--processes", type=int, nargs="+", default=[1, 2, 4, 8], help="processes at once")
    add("--only", default="", help="measure the cases whose name contains this")
    add("--steps", type=int, default=200)
    add("--matmul", type=int, default=8192, help="side of the matrices for the roofline")
    return parser


if __name__ == "__main__":
    main()
