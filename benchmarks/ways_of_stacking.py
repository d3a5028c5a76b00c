"""Ways to get the gradients of K members at once, in turns: what packs do, and what torch offers.

    python -m benchmarks.ways_of_stacking [--sizes 8 32] [--bursts 20] [--compile] [--threads 1]

The same model by the same parameters (K, P) on the same batch; gradients only, no update and no statistics:

- `packs`: autograd over layers that have a leading trial dimension, as packs train
- `vmap of forward`: autograd over a plain model's forward pass under `torch.vmap`
- `vmap of grad`: `torch.vmap` of `torch.func.grad` of one member's loss
- `one by one`: a plain model's backward pass for each member
- `compiled`: `vmap of forward` through `torch.compile`, with the seconds that compiling took

Milliseconds of processor time a member, medians over bursts that take turns.
"""

import argparse
from collections.abc import Callable
from statistics import median
from time import perf_counter, process_time
from typing import Any

import torch
from torch import Tensor
from torch.func import functional_call, grad, vmap
from torch.nn.functional import cross_entropy, mse_loss

from benchmarks.packed_step import make_stack
from benchmarks.plain_models import PLAIN_MODELS
from trainers.step import batch_gradients

STEPS_PER_BURST = 4
Way = Callable[[], Any]
CASES: dict[str, dict[str, Any]] = {
    "mlp 64-128-64-10": {"data": {"kind": "digits"}, "model": {"kind": "mlp", "hidden": [128, 64]}},
    "mlp 784-128-64-10": {"data": {"kind": "mnist"}, "model": {"kind": "mlp", "hidden": [128, 64]}},
    "rnn 50 units, 50 steps": {"data": {"kind": "adding"}, "model": {"kind": "rnn"}},
    "cnn 28×28": {"data": {"kind": "mnist"}, "model": {"kind": "cnn"}},
}


def ways(name: str, workload: dict[str, Any], size: int) -> dict[str, Way]:
    """Each way, ready to be called."""
    stack = make_stack(workload, size)
    batch = stack.batches.chunk(0, 1)[0]
    ((inputs, targets),) = batch
    inputs, targets = inputs.clone(), targets.clone()
    plain = PLAIN_MODELS[name]()
    loss = mse_loss if targets.is_floating_point() else cross_entropy
    members = [PLAIN_MODELS[name]() for _ in range(size)]
    stacked = {
        key: torch.stack([dict(member.named_parameters())[key].detach() for member in members])
        for key, _ in plain.named_parameters()
    }
    leaves = {key: value.clone().requires_grad_() for key, value in stacked.items()}

    def one_loss(params: dict[str, Tensor], x: Tensor, y: Tensor) -> Tensor:
        return loss(functional_call(plain, params, (x,)), y)

    def one_by_one() -> None:
        for member, x, y in zip(members, inputs, targets, strict=True):
            torch.autograd.grad(loss(member(x), y), list(member.parameters()))

    losses, gradients = vmap(one_loss), vmap(grad(one_loss))
    return {
        "packs": lambda: batch_gradients(stack, batch, 0),
        "vmap of forward": lambda: torch.autograd.grad(
            losses(leaves, inputs, targets).sum(), list(leaves.values())
        ),
        "vmap of grad": lambda: gradients(stacked, inputs, targets),
        "one by one": one_by_one,
    }


def compiled(name: str, workload: dict[str, Any], size: int) -> tuple[Way, float]:
    """`vmap of forward`, compiled, and the seconds until its first gradients."""
    way = ways(name, workload, size)["vmap of forward"]
    started = perf_counter()
    fast: Way = torch.compile(way)
    fast()
    return fast, perf_counter() - started


def possible(found: dict[str, Way]) -> dict[str, Way]:
    """Those that work: torch has no batching rule for recurrent modules."""
    works = {}
    for way, work in found.items():
        try:
            work()
        except RuntimeError as error:
            print(f"{way}: {str(error).splitlines()[0][:90]}")
        else:
            works[way] = work
    return works


def measure(found: dict[str, Way], size: int, bursts: int) -> dict[str, float]:
    """Milliseconds a member of each way."""
    times: dict[str, list[float]] = {way: [] for way in found}
    for burst in range(bursts + 2):
        for way, work in found.items():
            started = process_time()
            for _ in range(STEPS_PER_BURST):
                work()
            if burst >= 2:
                times[way].append((process_time() - started) / STEPS_PER_BURST / size * 1000)
    return {way: median(taken) for way, taken in times.items()}


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=[8, 32])
    parser.add_argument("--bursts", type=int, default=20)
    parser.add_argument("--compile", action="store_true", help="also through torch.compile; needs g++")
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    for name, workload in CASES.items():
        for size in options.sizes:
            found = possible(ways(name, workload, size))
            took = ""
            if options.compile and "vmap of forward" in found:
                found["compiled"], seconds = compiled(name, workload, size)
                took = f"  (compiling took {seconds:.0f} s)"
            row = ", ".join(f"{way} {ms:.3f}" for way, ms in measure(found, size, options.bursts).items())
            print(f"{name}, K = {size}: {row}{took}", flush=True)


if __name__ == "__main__":
    main()
