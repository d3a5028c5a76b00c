"""Small trials and workloads that the tests of the loop share."""

import os
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from trainers.config import TrialConfig
from trainers.layout import ParameterLayout, ParameterSpec
from trainers.models.base import Params, Tape
from trainers.pack import PackRun, PackTrial
from trainers.record import TrialRecord
from trainers.trial import PackTrial as Trial

DEVICE = os.environ.get("GRADSWEEP_TEST_DEVICE", "cpu")
"""Where `train` trains: on a machine with a GPU, `cuda` shows that packs do there what they do here."""


def trial(number: int = 0, *, lr: float = 0.1, hidden: Sequence[int] = (16,), **changes: Any) -> Trial:
    """A digits perceptron that trains for a moment; `changes` are fields of its config."""
    fields: dict[str, Any] = {
        "workload": {"data": {"kind": "digits"}, "model": {"kind": "mlp", "hidden": list(hidden)}},
        "optimizer": {"kind": "sgd", "lr": lr},
        "steps": 40,
        "batch_size": 16,
    }
    return PackTrial(number, TrialConfig.model_validate(fields | changes))


def train(trials: Sequence[Trial], **options: Any) -> list[TrialRecord]:
    """The records of `trials`, by number."""
    run = PackRun(trials, **({"device": DEVICE} | options))
    records: list[TrialRecord] = []
    while not run.finished:
        records += run.advance(1.0)
    return sorted(records, key=lambda record: record.number)


class Quadratic:
    """The workload ½ Σ λᵢ wᵢ² of one parameter row w, whatever the batch: its edge is at lr = 2/λ_max."""

    num_examples = 1
    num_classes = None
    baseline_loss = None

    def __init__(self, curvatures: Sequence[float], dtype: torch.dtype = torch.float64) -> None:
        self.curvatures = torch.tensor(curvatures, dtype=dtype)
        spec = ParameterSpec("w", (len(curvatures),), "weight", "w", fan_in=1, fan_out=1, is_output=True)
        self.layout = ParameterLayout((spec,))

    def batch(self, indices: Tensor) -> tuple[Tensor, Tensor]:
        """Nothing depends on the examples."""
        return indices, indices

    def loss(self, params: Params, inputs: Tensor, targets: Tensor, tape: Tape) -> Tensor:
        """The loss of each member (K,)."""
        return 0.5 * (self.curvatures * params["w"].square()).sum(dim=1)

    def evaluate(self, params: Params) -> dict[str, Tensor]:
        """The same on held-out data, which there is none of."""
        return {"eval_loss": 0.5 * (self.curvatures * params["w"].square()).sum(dim=1)}
