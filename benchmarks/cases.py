"""What every contestant trains: the same model, data, settings and steps."""

from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import Any

from pydantic import TypeAdapter

from trainers.data import DataConfig
from trainers.data.base import Dataset
from trainers.reporting import every

CURVES = (
    "train_loss",
    "grad_norm",
    "grad_norm_max",
    "grad_norm_after",
    "clip_fraction",
    "weight_norm",
    "update_ratio",
    "lr",
)
"""Curves that every contestant brings to MLflow, a point for each report interval."""


@dataclass(frozen=True)
class Setting:
    """What one trial has of its own; `max_norm` is the threshold of global-norm clipping, None for none."""

    number: int
    lr: float
    max_norm: float | None
    seed: int


@dataclass(frozen=True)
class Case:
    """Trials of one workload: `num_lrs` learning rates × `max_norms` × `num_seeds`.

    In `lr_range` no trial blows up, so that all contestants make the same number of updates. `data` and
    `model` are the workload as a spec names it, `plain_model` names the same model in `plain_models`. A curve
    has a point every `report_every` of the `steps` updates.
    """

    name: str
    data: dict[str, Any]
    model: dict[str, Any]
    plain_model: str
    steps: int
    num_lrs: int
    max_norms: tuple[float | None, ...]
    num_seeds: int
    lr_range: tuple[float, float] = (0.001, 0.3)
    batch_size: int = 64
    report_every: int = 10

    @property
    def num_trials(self) -> int:
        """All of them."""
        return self.num_lrs * self.num_per_lr

    @property
    def num_per_lr(self) -> int:
        """Trials that share a learning rate."""
        return len(self.max_norms) * self.num_seeds

    @property
    def num_points(self) -> int:
        """Points of a curve."""
        return len(every(self.steps, self.report_every, 0))

    @cached_property
    def lrs(self) -> tuple[float, ...]:
        """Learning rates, each the same factor above the one before."""
        lo, hi = self.lr_range
        last = max(self.num_lrs - 1, 1)
        return tuple(float(f"{lo * (hi / lo) ** (place / last):.12g}") for place in range(self.num_lrs))

    @cached_property
    def settings(self) -> tuple[Setting, ...]:
        """Every trial."""
        grid = product(self.lrs, self.max_norms, range(self.num_seeds))
        return tuple(Setting(number, lr, norm, seed) for number, (lr, norm, seed) in enumerate(grid))

    def dataset(self) -> Dataset:
        """The examples, loaded once per process."""
        return TypeAdapter(DataConfig).validate_python(self.data).load()

    def params(self, setting: Setting) -> dict[str, Any]:
        """A trial's config in a dozen params, as a user would log it."""
        return {
            "data": self.data["kind"],
            "model": self.plain_model,
            "optimizer": "sgd",
            "lr": setting.lr,
            "clip": "none" if setting.max_norm is None else "global_norm",
            "max_norm": 0.0 if setting.max_norm is None else setting.max_norm,
            "init": "kaiming_normal",
            "steps": self.steps,
            "batch_size": self.batch_size,
            "report_every": self.report_every,
            "dtype": "float32",
            "seed": setting.seed,
        }

    def spec(self, num_trials: int | None = None) -> dict[str, Any]:
        """The same trials, or the first so many, as a spec of gradsweep: whole learning rates."""
        num_lrs, rest = divmod(num_trials or self.num_trials, self.num_per_lr)
        if rest:
            raise ValueError(f"{self.name} comes in multiples of {self.num_per_lr} trials, not {num_trials}")
        clips = [
            {"kind": "none"} if norm is None else {"kind": "global_norm", "max_norm": norm}
            for norm in self.max_norms
        ]
        return {
            "name": f"bench-{self.name}",
            "workload": {"data": self.data, "model": self.model},
            "base": {
                "steps": self.steps,
                "batch_size": self.batch_size,
                "report_every": self.report_every,
                "eval_every": self.steps,
                "optimizer": {"kind": "sgd"},
                "init": {"kind": "kaiming_normal"},
            },
            "axes": {"optimizer.lr": {"values": list(self.lrs[:num_lrs])}, "clip": {"values": clips}},
            "seeds": self.num_seeds,
        }


DIGITS = {"kind": "digits"}, {"kind": "mlp", "hidden": [128, 64]}, "mlp 64-128-64-10"
RNN = {"kind": "adding", "length": 50}, {"kind": "rnn", "hidden": 50}, "rnn 50 units, 50 steps"
CNN = {"kind": "mnist"}, {"kind": "cnn"}, "cnn 28×28"

CASES = {
    case.name: case
    for case in (
        Case("digits_mlp_128", *DIGITS, steps=200, num_lrs=32, max_norms=(None, 1.0), num_seeds=2),
        Case(
            "digits_mlp_1024", *DIGITS, steps=200, num_lrs=64, max_norms=(None, 0.1, 1.0, 10.0), num_seeds=4
        ),
        Case(
            "rnn50_64",
            *RNN,
            steps=200,
            num_lrs=16,
            max_norms=(None, 1.0),
            num_seeds=2,
            lr_range=(0.0001, 0.01),
        ),
        Case("cnn28_16", *CNN, steps=300, num_lrs=8, max_norms=(None, 1.0), num_seeds=1),
    )
}
"""By name."""
