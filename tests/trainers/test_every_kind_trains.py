"""Every kind of the numerics trains inside a pack, and gives what it gives alone."""

from typing import Any

import numpy as np
import pytest
import torch

from tests.trainers.aspects import shows
from tests.trainers.trials import train, trial
from trainers.catalogue import alternatives
from trainers.clipping import ClipConfig
from trainers.gradients import GradientConfig
from trainers.initial import InitialRows, LayerProbe
from trainers.initializers import InitializerConfig, Lsuv
from trainers.kinds import Kind
from trainers.optimizers import OptimizerConfig
from trainers.record import TrialRecord
from trainers.regularisers import RegulariserConfig
from trainers.schedules import ScheduleConfig
from trainers.seeds import generator
from trainers.stack import Stack
from trainers.step import train_step
from trainers.supervised import Supervised

UNIONS: list[tuple[str, Any]] = [
    ("clip", ClipConfig),
    ("gradient", GradientConfig),
    ("init", InitializerConfig),
    ("optimizer", OptimizerConfig),
    ("schedule", ScheduleConfig),
    ("regularisers", RegulariserConfig),
]
CASES = [(field, kind) for field, union in UNIONS for kind in alternatives(union)]
FEW = {"steps": 12, "dtype": "float64", "report_every": 1}


def changes_for(field: str, kind: type[Kind]) -> dict[str, Any]:
    named = {"kind": kind.model_fields["kind"].default}
    if field == "optimizer":
        named["lr"] = 0.003
    return {field: [named] if field in ("gradient", "regularisers") else named}


def _losses(record: TrialRecord) -> Any:
    return record.curves.scalars["train_loss"]


@shows("pack", of=[kind for _, kind in CASES])
@pytest.mark.parametrize(("field", "kind"), CASES, ids=[f"{field}:{kind.__name__}" for field, kind in CASES])
def test_a_kind_trains_in_a_pack_as_it_does_alone(field: str, kind: type[Kind]) -> None:
    changes = {"optimizer": {"kind": "sgd", "lr": 0.01}} | changes_for(field, kind) | FEW
    trials = [trial(number, seed=number, **changes) for number in range(3)]
    for together, alone in zip(train(trials, stack_size=3), train(trials, stack_size=1), strict=True):
        assert together.error is None
        assert together.verdict.outcome == alone.verdict.outcome
        np.testing.assert_allclose(_losses(together), _losses(alone), rtol=1e-9)


def test_kinds_of_clipping_share_a_pack() -> None:
    trials = [
        trial(number, seed=number, **(changes_for("clip", kind) | FEW))
        for number, kind in enumerate(alternatives(ClipConfig))
    ]
    for together, alone in zip(
        train(trials, stack_size=len(trials)), train(trials, stack_size=1), strict=True
    ):
        np.testing.assert_allclose(_losses(together), _losses(alone), rtol=1e-9)


def test_a_plateau_lowers_the_rate_that_the_curves_show() -> None:
    stuck = {"kind": "plateau", "patience": 0, "drop": 0.5, "threshold": 0.9}
    record = train([trial(schedule=stuck, eval_every=4, steps=17, report_every=1, lr=1e-6)])[0]
    rates = record.curves.scalars["lr"] / 1e-6
    np.testing.assert_allclose(rates, [1.0] * 8 + [0.5] * 4 + [0.25] * 4 + [0.125], rtol=1e-5)


def test_a_lowered_rate_is_the_one_trained_with() -> None:
    stuck = {"kind": "plateau", "patience": 0, "drop": 1e-9, "threshold": 0.9}
    record = train([trial(schedule=stuck, eval_every=4, steps=16, report_every=1)])[0]
    updates = record.curves.scalars["update_ratio"]
    assert updates[7] > 1e-5
    assert (updates[8:] < 1e-9).all()


@pytest.mark.parametrize(("batch_size", "factor"), [(32, 0.5), ("full", 1437 / 64)])
def test_linear_scaling_sees_the_batch(batch_size: int | str, factor: float) -> None:
    record = train([trial(schedule={"kind": "linear_scaling"}, batch_size=batch_size, lr=0.01, steps=2)])[0]
    num_examples = 1437
    workload = Supervised.build(trial().config.workload, "cpu", torch.float32)
    assert workload.num_examples == num_examples
    np.testing.assert_allclose(record.curves.scalars["lr"], 0.01 * factor, rtol=1e-6)


def test_beyond_mups_base_width_the_output_learns_more_slowly() -> None:
    shared = {"optimizer": {"kind": "adam", "lr": 0.01}, "hidden": (64,), "dtype": "float64"}
    trials = [
        trial(n, init={"kind": "mup", "base_width": width}, **shared) for n, width in enumerate((64, 16))
    ]
    workload = Supervised.build(trials[0].config.workload, "cpu", torch.float64)
    stack = Stack(trials, workload, InitialRows(), "cpu", torch.float64)
    before = stack.params.clone()
    stack.meter.start(1)
    train_step(stack, stack.batches.chunk(0, 1)[0], stack.rates.chunk(0, 1)[0], 0)
    # Adam's first step is the learning rate in every weight, whatever its gradient.
    moved = stack.views((stack.params - before).detach())
    for name, sizes in {"dense1.weight": [0.01, 0.01], "output.weight": [0.01, 0.0025]}.items():
        np.testing.assert_allclose(moved[name].abs().amax(dim=(1, 2)), sizes, rtol=1e-3)


def test_lsuv_sees_the_trials_own_examples() -> None:
    config = trial(init={"kind": "lsuv"}, hidden=(32, 32), dtype="float64").config
    workload = Supervised.build(config.workload, "cpu", torch.float64)
    probe = LayerProbe(workload, config)
    row = Lsuv().initialize(workload.layout, generator(config.seed, "init"), probe)
    for layer, output in probe(row).items():
        assert abs(output.double().var(correction=0).item() - 1) < 0.11, layer
