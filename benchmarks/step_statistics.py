"""What per-step statistics cost: the same training step with and without them, in turns.

Run on a quiet machine: `OMP_NUM_THREADS=1 python -m benchmarks.step_statistics`. Each line gives the
microseconds of a trial-step with statistics, without them, and the ratio of their medians over many short
alternating bursts.
"""

from time import perf_counter
from typing import Any

import numpy as np
import torch
from torch import Tensor

from trainers.clipping.base import Clipped
from trainers.config import TrialConfig
from trainers.initial import InitialRows
from trainers.optimizers.change import Change
from trainers.stack import Stack
from trainers.statistics.meter import ChunkStatistics, GradientNorms, Meter, Stop
from trainers.step import train_step
from trainers.supervised import Supervised
from trainers.trial import PackTrial

MAX_BURSTS, MIN_BURSTS = 60, 9
SECONDS_PER_LINE = 12.0
"""A line ends after this long once it has enough bursts, so that slow models do not take all day."""
STEPS_PER_BURST = 32
"""About as many as a pack trains in one go, between two looks at the clock."""

WORKLOADS: dict[str, dict[str, Any]] = {
    "digits MLP 64-128-64-10": {"data": {"kind": "digits"}, "model": {"kind": "mlp", "hidden": [128, 64]}},
    "MNIST MLP 784-128-64-10": {"data": {"kind": "mnist"}, "model": {"kind": "mlp", "hidden": [128, 64]}},
    "MNIST CNN 32·3×3-128-10": {"data": {"kind": "mnist"}, "model": {"kind": "cnn"}},
}
CLIPS: dict[str, dict[str, Any]] = {"none": {"kind": "none"}, "global_norm": {"kind": "global_norm"}}


class NoMeter(Meter):
    """Measures nothing but the norm that a clip rule asks for."""

    knows_at_once = True
    multiplies = True

    def start(self, num_steps: int) -> None:
        pass

    def gradients(self, flat: Tensor, loss: Tensor) -> GradientNorms:
        norm = torch.linalg.vector_norm(flat, dim=1) if "norm" in self.needs else None
        return GradientNorms(norm=norm, tensor_norms=None, max_abs=None)

    def clipped(self, first: int, stop: int, result: Clipped) -> None:
        pass

    def update(self, params: Tensor, change: Change, loss_limit: Tensor) -> Tensor | None:
        if change.factor is None:
            params.add_(change.values)
        else:
            params.addcmul_(change.values, change.factor)
        return None

    def stopped(self) -> dict[int, Stop]:
        return {}

    def flush(self) -> ChunkStatistics:
        raise NotImplementedError("nothing was measured")

    def keep(self, rows: Tensor) -> None:
        pass

    def state(self) -> dict[str, Tensor]:
        return {}

    def load(self, state: dict[str, Tensor]) -> None:
        pass


def make_stack(workload: dict[str, Any], clip: dict[str, Any], size: int) -> Stack:
    """A stack of `size` trials that differ in their seed."""
    config = TrialConfig.model_validate(
        {"workload": workload, "optimizer": {"kind": "sgd", "lr": 1e-3}, "clip": clip, "batch_size": 64}
    )
    trials = [PackTrial(seed, config.model_copy(update={"seed": seed})) for seed in range(size)]
    built = Supervised.build(config.workload, "cpu", torch.float32)
    return Stack(trials, built, InitialRows(), "cpu", torch.float32)


def burst(stack: Stack) -> float:
    """Seconds per trial-step over a few steps."""
    batches, rates = stack.batches.chunk(0, STEPS_PER_BURST), stack.rates.chunk(0, STEPS_PER_BURST)
    stack.meter.start(STEPS_PER_BURST)
    started = perf_counter()
    for step in range(STEPS_PER_BURST):
        train_step(stack, batches[step], rates[step], step)
    if not isinstance(stack.meter, NoMeter):
        stack.meter.flush()
    return (perf_counter() - started) / STEPS_PER_BURST / stack.num_members


def compare(workload: dict[str, Any], clip: dict[str, Any], size: int) -> tuple[float, float]:
    """Median microseconds per trial-step with statistics and without."""
    measured, bare = make_stack(workload, clip, size), make_stack(workload, clip, size)
    needs = bare.meter.needs
    bare.meter = NoMeter(bare.layout)
    bare.meter.needs = needs
    burst(measured), burst(bare)  # to warm up
    pairs, started = [], perf_counter()
    while len(pairs) < MAX_BURSTS:
        pairs.append((burst(measured), burst(bare)))
        if len(pairs) >= MIN_BURSTS and perf_counter() - started > SECONDS_PER_LINE:
            break
    with_statistics, without = np.median(np.array(pairs), axis=0) * 1e6
    return float(with_statistics), float(without)


def main() -> None:
    """Print the table."""
    torch.set_num_threads(1)
    print(f"{'workload':26}{'clip':13}{'stack':>6}{'with':>10}{'without':>10}{'cost':>8}")
    for name, workload in WORKLOADS.items():
        for clip_name, clip in CLIPS.items():
            for size in (1, 8, 32) if "digits" in name else (1, 8):
                with_statistics, without = compare(workload, clip, size)
                cost = with_statistics / without - 1
                print(f"{name:26}{clip_name:13}{size:6}{with_statistics:10.1f}{without:10.1f}{cost:8.1%}")


if __name__ == "__main__":
    with np.errstate(all="ignore"):
        main()
