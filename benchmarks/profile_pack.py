"""Where the time of a sweep's packs goes: by line of ours, and by operator of torch.

    python -m benchmarks.profile_pack [--preset digits-quick] [--trials 32] [--stack-size 8] [--folder …]

Trains the first trials of a preset's largest pack as a worker does, in one thread, once under pyinstrument, a
sampling profiler, and a few of them under torch's. Writes to the folder: `calls.html` and `calls.txt`, who
called what for how long; `operators.txt`, torch's operators by their own time; `trace.json` for chrome://tracing
or Perfetto. Prints the shares of the parts of a step.
"""

import argparse
import cProfile
import pstats
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from pyinstrument import Profiler
from torch.profiler import ProfilerActivity, profile

from sweeps.ledger.curve_archive import to_archive
from sweeps.plan import make_plan
from sweeps.presets import load_preset
from trainers.pack import PackRun, PackTrial
from trainers.record import TrialRecord

DEFAULT_FOLDER = Path(".gradsweep/profile")
NUM_TRACED = 2
"""Trials under torch's profiler: it keeps every call, and a trace of more is too large to look at."""

PARTS = {
    "chunk": "batches",
    "__getitem__": "gathering a batch",
    "objective": "forward and loss",
    "grad": "backward",
    "gradients": "gradients: copy and statistics",
    "gather": "gradients: copy and statistics",
    "_clipped": "clipping",
    "_wanted_change": "optimizer",
    "update": "update, with its statistics",
    "flush": "statistics at a chunk's end",
    "_evaluate": "evaluation",
    "_finish": "outcome and record",
}
"""Functions that between them hold nearly all of a pack's time, and what they are for."""


def pack_trials(preset: str, num_trials: int) -> list[PackTrial]:
    """The first trials of the preset's largest pack on two workers."""
    plan = make_plan(load_preset(preset))
    largest = max(plan.packs(2), key=lambda pack: len(pack.trials))
    return [PackTrial(trial.number, trial.config) for trial in largest.trials[:num_trials]]


def train(trials: list[PackTrial], stack_size: int | None) -> int:
    """Train to the end, and put the curves into the form of the ledger; the size of the stacks."""
    run = PackRun(trials, stack_size=stack_size)
    records: list[TrialRecord] = []
    while not run.finished:
        records += run.advance(0.25)
    for record in records:
        to_archive(record.curves)
    return run.record().stack_size


def sampled(work: Callable[[], Any]) -> Profiler:
    """Who called what, looked at a thousand times a second."""
    profiler = Profiler(interval=0.001)
    profiler.start()
    work()
    profiler.stop()
    return profiler


def shares(work: Callable[[], Any]) -> dict[str, float]:
    """Of the time of `work`, the share of each of `PARTS`, from every call: a sampler misses those of C."""
    calls = cProfile.Profile()
    calls.runcall(work)
    stats = pstats.Stats(calls)
    found = dict.fromkeys(PARTS.values(), 0.0)
    for (file, _, function), (_, _, _, seconds, _) in stats.stats.items():  # type: ignore[attr-defined]
        if function in PARTS and ("trainers" in file or "autograd" in file):
            found[PARTS[function]] += seconds
    return {part: seconds / stats.total_tt for part, seconds in found.items()}  # type: ignore[attr-defined]


def main() -> None:
    """Profile, write and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--preset", default="digits-quick")
    parser.add_argument("--trials", type=int, default=32)
    parser.add_argument("--stack-size", type=int, default=None, help="without it, measured and chosen")
    parser.add_argument("--folder", type=Path, default=DEFAULT_FOLDER)
    options = parser.parse_args()
    torch.set_num_threads(1)
    trials = pack_trials(options.preset, options.trials)
    train(trials[:1], 1)  # data are loaded and memory is warm
    options.folder.mkdir(parents=True, exist_ok=True)
    size = train(trials, options.stack_size)
    profiler = sampled(lambda: train(trials, options.stack_size))
    (options.folder / "calls.html").write_text(profiler.output_html(), encoding="utf-8")
    (options.folder / "calls.txt").write_text(profiler.output_text(unicode=True), encoding="utf-8")
    with profile(activities=[ProfilerActivity.CPU]) as traced:
        train(trials[:NUM_TRACED], min(NUM_TRACED, options.stack_size or NUM_TRACED))
    table = traced.key_averages().table(sort_by="self_cpu_time_total", row_limit=40)
    (options.folder / "operators.txt").write_text(table, encoding="utf-8")
    traced.export_chrome_trace(str(options.folder / "trace.json"))
    print(f"{options.preset}, {len(trials)} trials, one thread, stacks of {size}")
    for part, share in sorted(shares(lambda: train(trials, size)).items(), key=lambda item: -item[1]):
        print(f"  {part:28} {share:6.1%}")
    print(f"more in {options.folder}: calls.html, calls.txt, operators.txt, trace.json")


if __name__ == "__main__":
    main()
