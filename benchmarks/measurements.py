"""What measurements on a schedule cost: one of each, in training steps of the same trial.

Run on a quiet machine: `OMP_NUM_THREADS=1 python -m benchmarks.measurements`. Each line gives one quantity's
milliseconds per member, how many of the member's training steps that is, and the share that it adds to
training when it is measured every 64 steps.
"""

from time import perf_counter
from typing import Any

import numpy as np
import torch

from benchmarks.step_statistics import WORKLOADS, burst
from trainers.config import TrialConfig
from trainers.initial import InitialRows
from trainers.measure import QUANTITIES
from trainers.probe import Probe
from trainers.stack import Stack
from trainers.supervised import Supervised
from trainers.trial import PackTrial

EVERY = 64
REPEATS = 3


def make_stack(workload: dict[str, Any], quantity: str, size: int) -> Stack:
    """A stack under Adam, so that there is a preconditioner."""
    config = TrialConfig.model_validate(
        {
            "workload": workload,
            "optimizer": {"kind": "adam", "lr": 1e-3},
            "measure": {"every": EVERY, "what": [quantity]},
        }
    )
    trials = [PackTrial(seed, config.model_copy(update={"seed": seed})) for seed in range(size)]
    return Stack(
        trials, Supervised.build(config.workload, "cpu", torch.float32), InitialRows(), "cpu", torch.float32
    )


def cost(stack: Stack) -> tuple[float, float]:
    """Seconds per member of the fastest measurement, and of a training step."""
    step = min(burst(stack) for _ in range(REPEATS))
    probe, seconds = Probe(stack), []
    for repeat in range(REPEATS):
        started = perf_counter()
        probe.measure(repeat)
        seconds.append((perf_counter() - started) / stack.num_members)
    return min(seconds), step


def main() -> None:
    """Print the table."""
    torch.set_num_threads(1)
    print(f"{'workload':26}{'quantity':26}{'stack':>6}{'ms':>9}{'steps':>8}{'every ' + str(EVERY):>10}")
    for name, workload in WORKLOADS.items():
        for quantity in QUANTITIES:
            for size in (1, 8) if "MLP" in name else (1,):
                measuring, step = cost(make_stack(workload, quantity, size))
                steps = measuring / step
                print(
                    f"{name:26}{quantity:26}{size:6}{measuring * 1e3:9.2f}{steps:8.1f}{steps / EVERY:10.1%}"
                )


if __name__ == "__main__":
    with np.errstate(all="ignore"):
        main()
