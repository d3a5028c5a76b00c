"""What a training step costs one trial: in plain torch, alone in a pack, and stacked with others.

    python -m benchmarks.stacking [--sizes 1 8 32] [--only rnn] [--steps 200] [--repeats 3]

Prints milliseconds of CPU time per trial and step on one core, the best of a few repeats: the least that
other processes disturbed. Plain torch is the usual loop (module, optimizer, cross-entropy) without any
statistics; a pack measures gradients at every step and evaluates once at the end.
"""

import argparse
import platform
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from time import process_time

import torch

from benchmarks.plain_models import PLAIN_MODELS, PlainModel
from trainers.config import TrialConfig
from trainers.losses import task_losses
from trainers.pack import PackRun, PackTrial


@dataclass(frozen=True)
class Case:
    """A workload as a spec names it; small learning rate, so that no trial ends early."""

    name: str
    data: dict[str, object]
    model: dict[str, object]
    batch_size: int = 64

    def config(self, steps: int, seed: int) -> TrialConfig:
        return TrialConfig.model_validate(
            {
                "workload": {"data": self.data, "model": self.model},
                "optimizer": {"kind": "sgd", "lr": 1e-3},
                "steps": steps,
                "batch_size": self.batch_size,
                "eval_every": steps,
                "seed": seed,
            }
        )


CASES = [
    Case("mlp 64-128-64-10", {"kind": "digits"}, {"kind": "mlp"}),
    Case("mlp 784-128-64-10", {"kind": "mnist"}, {"kind": "mlp"}),
    Case("mlp 64-512-512-10", {"kind": "digits"}, {"kind": "mlp", "hidden": [512, 512]}),
    Case("mlp 1-50-50-1, 20 rows", {"kind": "chebyshev"}, {"kind": "mlp", "hidden": [50, 50]}, 20),
    Case("cnn 8×8", {"kind": "digits"}, {"kind": "cnn"}),
    Case("cnn 28×28", {"kind": "mnist"}, {"kind": "cnn"}),
    Case("resnet 8×8", {"kind": "digits"}, {"kind": "resnet"}),
    Case("detector 24×24", {"kind": "digit_canvas"}, {"kind": "detector"}),
    Case("rnn 50 units, 50 steps", {"kind": "adding"}, {"kind": "rnn"}),
    Case("lstm 50 units, 50 steps", {"kind": "adding"}, {"kind": "lstm"}),
    Case("gru 50 units, 50 steps", {"kind": "adding"}, {"kind": "gru"}),
    Case("transformer 64 wide, 50 steps", {"kind": "copy_memory"}, {"kind": "transformer"}),
]


def pack_milliseconds(case: Case, stack_size: int, steps: int) -> float:
    """CPU time per trial and step of a pack that trains `stack_size` trials at once."""
    trials = [PackTrial(number, case.config(steps, seed=number)) for number in range(stack_size)]
    started = process_time()
    run = PackRun(trials, stack_size=stack_size)
    while not run.finished:
        run.advance(1.0)
    return 1000 * (process_time() - started) / (stack_size * steps)


def plain_milliseconds(case: Case, make: Callable[[], PlainModel], steps: int) -> float:
    """CPU time per step of the usual torch loop."""
    dataset = case.config(steps, seed=0).workload.data.load()
    model = make()
    optimizer = torch.optim.SGD(model.parameters(), lr=1e-3)
    started = process_time()
    for _ in range(steps):
        rows = torch.randint(len(dataset.inputs), (case.batch_size,))
        outputs = model(dataset.inputs[rows])
        loss = task_losses(dataset.task, outputs.unsqueeze(0), dataset.targets[rows].unsqueeze(0)).squeeze()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return 1000 * (process_time() - started) / steps


def measure(case: Case, sizes: list[int], steps: int, repeats: int) -> list[float]:
    """Plain torch first, then each stack size; the best of `repeats` after one to warm up."""
    plain = PLAIN_MODELS.get(case.name)
    row = [float("nan")]
    if plain is not None:
        row = [min(plain_milliseconds(case, plain, steps) for _ in range(repeats + 1))]
    return row + [min(pack_milliseconds(case, size, steps) for _ in range(repeats + 1)) for size in sizes]


def main() -> None:
    """Measure the chosen cases and print the table as Markdown."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=[1, 8, 32])
    parser.add_argument("--only", default="", help="measure the cases whose name contains this")
    parser.add_argument("--steps", type=int, default=200)
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args()
    torch.set_num_threads(1)
    machine = platform.processor() or platform.machine()
    print(f"torch {torch.__version__}, {machine}, {datetime.now(UTC):%Y-%m-%d}")
    print("\n| ms per trial-step | plain torch |" + "".join(f" K={size} |" for size in options.sizes))
    print("|---|" + "---|" * (1 + len(options.sizes)))
    for case in CASES:
        if options.only in case.name:
            row = measure(case, options.sizes, options.steps, options.repeats)
            cells = "".join(" – |" if value != value else f" {value:.3f} |" for value in row)
            print(f"| {case.name} |{cells}", flush=True)


if __name__ == "__main__":
    main()
