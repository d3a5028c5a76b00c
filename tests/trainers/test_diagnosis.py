"""Culprits are planted in a known phase and layer; the evidence must name them."""

import pytest
import torch
from torch import Tensor

from tests.trainers.trials import trial
from trainers.config import TrialConfig
from trainers.loop import StackRun
from trainers.pack import PackTrial
from trainers.record import Evidence, TrialRecord
from trainers.stack import Stack
from trainers.supervised import Supervised
from trainers.workload import Workload

LINEAR = {"data": {"kind": "digits"}, "model": {"kind": "mlp", "hidden": [8, 8, 8], "activation": "linear"}}


def planted(weights: dict[str, float], lr: float = 1e-3, num_neighbours: int = 0) -> TrialRecord:
    """Train a linear net whose tensors hold the given values everywhere, beside healthy neighbours."""
    sick = trial(0, lr=lr, workload=LINEAR, steps=5)
    trials = [sick, *(trial(1 + n, lr=1e-3, workload=LINEAR, steps=5) for n in range(num_neighbours))]
    initial = Planted(sick, weights)
    workload = Supervised.build(sick.config.workload, "cpu", torch.float32)
    run = StackRun(Stack(trials, workload, initial, "cpu", torch.float32))
    records: list[TrialRecord] = []
    while not run.finished:
        records += run.advance()
    return next(record for record in records if record.number == 0)


class Planted:
    """Initial rows: small everywhere, and as planted in the sick trial."""

    def __init__(self, sick: PackTrial, weights: dict[str, float]) -> None:
        self.sick = sick.config
        self.weights = weights

    def __call__(self, config: TrialConfig, workload: Workload) -> Tensor:
        layout = workload.layout
        row = torch.full((layout.size,), 0.01, dtype=torch.float64)
        if config is self.sick:
            for spec, (start, stop) in zip(layout.specs, layout.bounds, strict=True):
                row[start:stop] = self.weights.get(spec.name, 0.01)
                if spec.name == "output.weight":  # classes must differ for a gradient to flow
                    row[start:stop] = torch.linspace(-1, 1, spec.size, dtype=row.dtype)
        return row


def where(evidence: Evidence) -> tuple[object, ...]:
    return evidence.rule, evidence.step, evidence.phase, evidence.layer


@pytest.mark.parametrize("num_neighbours", [0, 3])
@pytest.mark.parametrize("layer", ["dense1", "dense2", "dense3"])
def test_the_forward_pass_breaks_in_the_layer_whose_weights_overflow(layer: str, num_neighbours: int) -> None:
    weights = {f"{layer}.weight": 3e38, f"{layer}.bias": 3e38}
    record = planted(weights, num_neighbours=num_neighbours)

    assert record.verdict.outcome == "exploded"
    assert where(record.verdict.evidence) == ("non-finite value", 0, "forward", layer)
    assert record.final["nonfinite"] == 1.0
    assert record.num_steps_done == 1


@pytest.mark.parametrize("num_neighbours", [0, 3])
def test_the_backward_pass_breaks_in_the_layer_whose_gradient_overflows(num_neighbours: int) -> None:
    # Activations shrink by 1e-30 and grow back, so that the loss is finite; the way back only grows.
    weights = {"dense1.weight": 1e-30, "dense1.bias": 0.0, "dense2.weight": 1e20, "dense2.bias": 0.0}
    weights |= {"dense3.weight": 1e20, "dense3.bias": 0.0}
    record = planted(weights, num_neighbours=num_neighbours)

    assert where(record.verdict.evidence) == ("non-finite value", 0, "backward", "dense1")


@pytest.mark.parametrize("num_neighbours", [0, 3])
def test_the_update_breaks_in_the_layer_whose_finite_gradient_times_the_rate_overflows(
    num_neighbours: int,
) -> None:
    weights = {"dense1.weight": 1e-30, "dense1.bias": 0.0, "dense2.weight": 1e27, "dense2.bias": 0.0}
    weights |= {"dense3.weight": 1.0, "dense3.bias": 0.0}
    record = planted(weights, lr=1e12, num_neighbours=num_neighbours)

    evidence = record.verdict.evidence
    assert (evidence.rule, evidence.phase, evidence.layer) == ("non-finite value", "update", "dense1")


def test_healthy_neighbours_are_left_alone() -> None:
    sick = trial(0, lr=1e-3, workload=LINEAR, steps=5)
    well = trial(1, lr=1e-3, workload=LINEAR, steps=5)
    workload = Supervised.build(sick.config.workload, "cpu", torch.float32)
    run = StackRun(
        Stack([sick, well], workload, Planted(sick, {"dense2.weight": 1e38}), "cpu", torch.float32)
    )

    records: list[TrialRecord] = []
    while not run.finished:
        records += run.advance()

    assert [record.number for record in records] == [0, 1]
    assert records[1].num_steps_done == 5
    assert records[1].final["nonfinite"] == 0.0
