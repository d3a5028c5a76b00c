"""What a plan counts of a model is what the model does."""

from typing import Any

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from sweeps.plan_cost import OPERATIONS_PER_SECOND
from sweeps.plan_workload import workload_facts
from trainers.catalogue import alternatives
from trainers.config import WorkloadConfig
from trainers.models import ModelConfig
from trainers.supervised import Supervised
from trainers.tape import SilentTape

DIGITS = {"kind": "digits"}
CASES: list[tuple[dict[str, Any], dict[str, Any]]] = [
    (DIGITS, {"kind": "mlp"}),
    (DIGITS, {"kind": "cnn", "channels": [8, 4], "padding": "same"}),
    (DIGITS, {"kind": "cnn", "channels": [8], "kernel": 5, "pool": 1}),
    (DIGITS, {"kind": "resnet", "channels": [4, 8], "groups": 2}),
    (DIGITS, {"kind": "resnet", "channels": [4, 8, 8], "norm": "none"}),
    ({"kind": "digit_canvas"}, {"kind": "detector"}),
    ({"kind": "adding", "length": 30, "n": 8, "num_eval": 8}, {"kind": "rnn"}),
    ({"kind": "adding", "length": 30, "n": 8, "num_eval": 8}, {"kind": "gru", "layers": 2}),
    ({"kind": "adding", "length": 30, "n": 8, "num_eval": 8}, {"kind": "lstm"}),
]


@pytest.mark.parametrize(("data", "model"), CASES, ids=[f"{model}" for _, model in CASES])
def test_multiplications_are_those_that_torch_counts(data: dict[str, Any], model: dict[str, Any]) -> None:
    config = WorkloadConfig.model_validate({"data": data, "model": model})
    workload = Supervised.build(config, "cpu", torch.float64)
    params = {spec.name: torch.zeros(1, *spec.shape, dtype=torch.float64) for spec in workload.layout.specs}
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        workload.model.forward(params, workload.dataset.inputs[:1].unsqueeze(0), SilentTape())
    counted = counter.get_total_flops() / 2
    assert workload_facts(config).multiplies_per_example == pytest.approx(counted, rel=0.1)


def test_every_model_has_a_rate() -> None:
    kinds = {kind.model_fields["kind"].default for kind in alternatives(ModelConfig)}
    assert kinds == OPERATIONS_PER_SECOND.keys()
