"""A stacked training step against the same arithmetic written by hand in batched matrix products.

    python -m benchmarks.packed_step [--bursts 30] [--steps 16] [--only rnn] [--threads 1]

By hand: forward, backward and update of K networks as `baddbmm` and `bmm` on tensors made for it, with the
gather of each batch, and nothing else: no statistics, no clipping, no check for broken members, no autograd.
Ours: the step that packs make, with everything they measure, and what a chunk of steps costs at its ends.
Both train in turns, in short bursts, in one process; the figures are medians of processor time, the ratio is
the median of the ratios of neighbouring bursts.
"""

import argparse
import platform
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from statistics import median
from time import process_time
from typing import Any

import numpy as np
import torch
from torch import Tensor

from trainers.config import TrialConfig
from trainers.initial import InitialRows
from trainers.stack import Stack
from trainers.step import train_step
from trainers.supervised import Supervised
from trainers.trial import PackTrial

LEARNING_RATE = 1e-3
BATCH_SIZE = 64
Step = Callable[[Tensor, Tensor], None]
"""One update from a batch: inputs (K, B, ...) and targets (K, B, ...)."""


@dataclass(frozen=True)
class Case:
    """A workload, the sizes to stack it in, and the same written by hand from a stack's parameters."""

    name: str
    workload: dict[str, Any]
    sizes: tuple[int, ...]
    by_hand: Callable[[dict[str, Tensor]], Step]


def perceptron_by_hand(params: dict[str, Tensor]) -> Step:
    """Affine layers, each (K, out, in), with ReLU between them, and cross-entropy."""
    names = list(dict.fromkeys(name.split(".")[0] for name in params))
    weights = [params[f"{name}.weight"].clone() for name in names]
    biases = [params[f"{name}.bias"].unsqueeze(1).clone() for name in names]  # (K, 1, out)

    def step(inputs: Tensor, targets: Tensor) -> None:
        values = [inputs.flatten(2)]
        for index, (weight, bias) in enumerate(zip(weights, biases, strict=True)):
            outputs = torch.baddbmm(bias, values[-1], weight.mT)
            values.append(outputs if index == len(weights) - 1 else outputs.relu_())
        grad = values.pop().softmax(dim=2)
        grad.scatter_add_(2, targets.unsqueeze(2), grad.new_full((1, 1, 1), -1.0).expand(*targets.shape, 1))
        grad.div_(BATCH_SIZE)
        for weight, bias, value in zip(reversed(weights), reversed(biases), reversed(values), strict=True):
            below = torch.bmm(grad, weight) if value is not values[0] else None
            weight.baddbmm_(grad.mT, value, alpha=-LEARNING_RATE)
            bias.sub_(grad.sum(dim=1, keepdim=True), alpha=LEARNING_RATE)
            if below is not None:
                grad = below.mul_(value > 0)

    return step


def recurrent_by_hand(params: dict[str, Tensor]) -> Step:
    """A tanh network over T steps, a linear map of its last state, and squared error."""
    first, recurrent, bias, last, last_bias = (value.clone() for value in params.values())

    def step(inputs: Tensor, targets: Tensor) -> None:
        K, B, T, _ = inputs.shape
        steps = inputs.transpose(1, 2).reshape(K, T * B, -1)
        projected = torch.baddbmm(bias.unsqueeze(1), steps, first.mT).view(K, T, B, -1)
        states = [projected[:, 0].tanh()]
        for t in range(1, T):
            states.append(torch.baddbmm(projected[:, t], states[-1], recurrent.mT).tanh_())
        outputs = torch.baddbmm(last_bias.unsqueeze(1), states[-1], last.mT)
        of_outputs = (outputs - targets).mul_(2.0 / B)
        grad = torch.bmm(of_outputs, last)
        of_projected = torch.empty_like(projected)
        for t in range(T - 1, -1, -1):
            torch.ops.aten.tanh_backward.grad_input(grad, states[t], grad_input=grad)
            of_projected[:, t] = grad
            if t:
                grad = torch.bmm(grad, recurrent)
        of_all = of_projected.view(K, T * B, -1)
        before = torch.stack(states[:-1], dim=1).view(K, (T - 1) * B, -1)
        last.baddbmm_(of_outputs.mT, states[-1], alpha=-LEARNING_RATE)
        last_bias.sub_(of_outputs.sum(dim=1), alpha=LEARNING_RATE)
        first.baddbmm_(of_all.mT, steps, alpha=-LEARNING_RATE)
        bias.sub_(of_all.sum(dim=1), alpha=LEARNING_RATE)
        recurrent.baddbmm_(of_all[:, B:].mT, before, alpha=-LEARNING_RATE)

    return step


MLP = {"kind": "mlp", "hidden": [128, 64]}
CASES = (
    Case("mlp 64-128-64-10", {"data": {"kind": "digits"}, "model": MLP}, (1, 8, 32, 128), perceptron_by_hand),
    Case("mlp 784-128-64-10", {"data": {"kind": "mnist"}, "model": MLP}, (1, 4), perceptron_by_hand),
    Case(
        "rnn 50 units, 50 steps",
        {"data": {"kind": "adding"}, "model": {"kind": "rnn"}},
        (1, 32, 128),
        recurrent_by_hand,
    ),
)


def make_stack(workload: dict[str, Any], size: int) -> Stack:
    """A stack of `size` trials that differ in their seed."""
    config = TrialConfig.model_validate(
        {
            "workload": workload,
            "optimizer": {"kind": "sgd", "lr": LEARNING_RATE},
            "batch_size": BATCH_SIZE,
        }
    )
    trials = [PackTrial(seed, config.model_copy(update={"seed": seed})) for seed in range(size)]
    built = Supervised.build(config.workload, "cpu", torch.float32)
    return Stack(trials, built, InitialRows(), "cpu", torch.float32)


def burst_of_ours(stack: Stack, num_steps: int) -> float:
    """Seconds of processor time per trial-step, a chunk's beginning and end included."""
    started = process_time()
    batches, rates = stack.batches.chunk(0, num_steps), stack.rates.chunk(0, num_steps)
    stack.meter.start(num_steps)
    for step in range(num_steps):
        train_step(stack, batches[step], rates[step], step)
    stack.meter.flush()
    return (process_time() - started) / num_steps / stack.num_members


def burst_by_hand(step: Step, stack: Stack, num_steps: int) -> float:
    """The same by hand, on the same batches."""
    started = process_time()
    batches = stack.batches.chunk(0, num_steps)
    for index in range(num_steps):
        ((inputs, targets),) = batches[index]
        step(inputs, targets)
    return (process_time() - started) / num_steps / stack.num_members


def compare(case: Case, size: int, num_bursts: int, num_steps: int) -> tuple[float, float, float]:
    """Milliseconds per trial-step of ours and by hand, and our throughput as a share of the hand's."""
    stack = make_stack(case.workload, size)
    step = case.by_hand({name: view.detach() for name, view in stack.leaves.items()})
    pairs = []
    for burst in range(num_bursts + 2):
        pair = (burst_of_ours(stack, num_steps), burst_by_hand(step, stack, num_steps))
        if burst >= 2:
            pairs.append(pair)
    ours, by_hand = np.median(np.array(pairs), axis=0) * 1000
    return float(ours), float(by_hand), median(hand / our for our, hand in pairs)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--bursts", type=int, default=30)
    parser.add_argument("--steps", type=int, default=16)
    parser.add_argument("--only", default="", help="measure the cases whose name contains this")
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    machine = platform.processor() or platform.machine()
    print(f"torch {torch.__version__}, {machine}, {options.threads} thread(s), {datetime.now(UTC):%Y-%m-%d}")
    print("\n| ms per trial-step | K | ours | by hand | throughput |\n|---|---|---|---|---|")
    with np.errstate(all="ignore"):
        for case in CASES:
            for size in case.sizes if options.only in case.name else ():
                steps = max(1, min(options.steps, options.steps * 32 // size))
                ours, by_hand, share = compare(case, size, options.bursts, steps)
                print(f"| {case.name} | {size} | {ours:.4f} | {by_hand:.4f} | {share:.0%} |", flush=True)


if __name__ == "__main__":
    main()
