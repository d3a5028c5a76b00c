"""In every architecture, culprits planted in a known phase and layer are named, beside healthy neighbours."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from torch import Tensor

from tests.trainers.trials import trial
from trainers.config import TrialConfig
from trainers.device import DTYPES
from trainers.initial import InitialRows
from trainers.loop import StackRun
from trainers.record import Evidence, TrialRecord
from trainers.stack import Stack
from trainers.supervised import Supervised
from trainers.workload import Workload

DIGITS = {"kind": "digits"}
SEQUENCES = {"kind": "temporal_order", "length": 10, "n": 64, "num_eval": 8}
ADDITION = {"kind": "modular_addition", "p": 5}


@dataclass(frozen=True)
class Net:
    """A net, its layers in forward order, and factors on its weights that break one pass at one layer.

    `backward` shrinks activations and lets them grow back, so that the loss is finite while the way back only
    grows; `update` leaves a finite gradient that times a large learning rate is not.
    """

    data: dict[str, Any]
    model: dict[str, Any]
    layers: tuple[str, ...]
    backward: dict[str, float]
    update: dict[str, float]
    first: str


NETS = {
    "mlp": Net(
        DIGITS, {"kind": "mlp", "hidden": [8, 8, 8]}, ("dense1", "dense2", "dense3", "output"),
        {"dense1": 1e-30, "dense2": 1e20, "dense3": 1e20}, {"dense1": 1e-30, "dense2": 1e29}, "dense1",
    ),
    "cnn": Net(
        DIGITS, {"kind": "cnn", "channels": [3, 4], "padding": "same", "dense": [8]},
        ("conv1", "conv2", "dense1", "output"),
        {"conv1": 1e-30, "conv2": 1e20, "dense1": 1e20}, {"conv1": 1e-30, "conv2": 1e29}, "conv1",
    ),
    "rnn": Net(
        SEQUENCES, {"kind": "rnn", "hidden": 8, "layers": 2, "activation": "linear"},
        ("rnn1", "rnn2", "output"), {"rnn1.weight": 1e-30, "rnn2.weight": 1e20, "output": 1e20},
        {"rnn1.weight": 1e-30, "rnn2.weight": 1e29}, "rnn1",
    ),
    "transformer": Net(
        ADDITION, {"kind": "transformer", "width": 8, "heads": 2, "layers": 2, "norm": "none"},
        ("embedding", "block1.attention", "block1.mlp", "block2.attention", "block2.mlp", "output"),
        {"embedding": 1e-28, "block2.mlp.in": 1e12, "block2.mlp.out": 1e10, "output": 1e20},
        {"embedding": 1e-30, "block1.mlp.in": 1e14, "block1.mlp.out": 1e15}, "block2.attention",
    ),
}  # fmt: skip
OVERFLOWING = {"embedding": 3e40}
"""Embeddings start fifty times smaller than weights."""
PLACES = [(name, layer) for name, net in NETS.items() for layer in net.layers]


class Planted:
    """The usual initial rows, with the weights of the first trial multiplied as planted."""

    def __init__(self, factors: Mapping[str, float]) -> None:
        self.factors = factors
        self.rows = InitialRows()

    def __call__(self, config: TrialConfig, workload: Workload) -> Tensor:
        row = self.rows(config, workload).clone()
        layout = workload.layout
        for spec, (start, stop) in zip(layout.specs, layout.bounds, strict=True):
            for prefix, factor in self.factors.items():
                if config.seed == 0 and spec.name.startswith(prefix):
                    row[start:stop] *= factor
        return row


def explode(net: Net, factors: Mapping[str, float], *, num_neighbours: int = 2, **fields: Any) -> TrialRecord:
    """The record of the planted trial; its neighbours must come through."""
    shared = {"workload": {"data": net.data, "model": net.model}, "steps": 40, "batch_size": 8} | fields
    sick = trial(0, seed=0, **{"lr": 1e-3} | shared)
    well = [trial(number, seed=number, **shared | {"lr": 1e-6}) for number in range(1, num_neighbours + 1)]
    dtype = DTYPES[sick.config.dtype]
    workload = Supervised.build(sick.config.workload, "cpu", dtype)
    run = StackRun(Stack([sick, *well], workload, Planted(factors), "cpu", dtype))
    records: dict[int, TrialRecord] = {}
    while not run.finished:
        records |= {record.number: record for record in run.advance()}
    assert all(records[one.number].final["nonfinite"] == 0.0 for one in well)
    return records[0]


def where(evidence: Evidence) -> tuple[object, ...]:
    return evidence.rule, evidence.step, evidence.phase, evidence.layer


@pytest.mark.parametrize(("name", "layer"), PLACES)
def test_the_forward_pass_breaks_in_the_layer_that_overflows(name: str, layer: str) -> None:
    record = explode(NETS[name], {layer: OVERFLOWING.get(layer, 3e38)})
    assert where(record.verdict.evidence) == ("non-finite value", 0, "forward", layer)


@pytest.mark.parametrize("dtype", ["bfloat16", "float16"])
@pytest.mark.parametrize(("name", "layer"), [place for place in PLACES if place[0] in ("mlp", "transformer")])
def test_a_layer_that_overflows_in_16_bits_is_named_too(name: str, layer: str, dtype: str) -> None:
    record = explode(NETS[name], {layer: OVERFLOWING.get(layer, 3e38)}, dtype=dtype)
    assert where(record.verdict.evidence) == ("non-finite value", 0, "forward", layer)


@pytest.mark.parametrize("num_neighbours", [0, 2])
@pytest.mark.parametrize("name", NETS)
def test_the_backward_pass_breaks_where_the_gradient_overflows(name: str, num_neighbours: int) -> None:
    net = NETS[name]
    record = explode(net, net.backward, num_neighbours=num_neighbours)
    assert where(record.verdict.evidence) == ("non-finite value", 0, "backward", net.first)


CLIPS: Sequence[dict[str, Any]] = (
    {"kind": "value"}, {"kind": "global_norm"}, {"kind": "agc"}, {"kind": "zclip"}, {"kind": "skip_step"},
)  # fmt: skip


@pytest.mark.parametrize("clip", CLIPS, ids=lambda clip: str(clip["kind"]))
def test_no_clip_rule_hides_where_a_gradient_broke(clip: dict[str, Any]) -> None:
    net = NETS["mlp"]
    record = explode(net, net.backward, clip=clip)
    assert where(record.verdict.evidence) == ("non-finite value", 0, "backward", "dense1")


def test_float16_gives_up_when_no_smaller_loss_scale_is_left_and_names_the_layer() -> None:
    net = NETS["mlp"]
    factors = {"dense1": 1e-4, "dense2": 1e3, "dense3": 1e3}
    record = explode(net, factors, dtype="float16")
    assert where(record.verdict.evidence) == (
        "gradient overflows at the smallest loss scale",
        16,
        "backward",
        "dense1",
    )


@pytest.mark.parametrize("name", NETS)
def test_the_update_breaks_where_the_step_overflows(name: str) -> None:
    net = NETS[name]
    record = explode(net, net.update, lr=1e12)
    evidence = record.verdict.evidence
    assert (evidence.rule, evidence.phase) == ("non-finite value", "update")
    assert evidence.layer == net.layers[0]
