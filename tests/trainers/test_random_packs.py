"""Whatever kinds a pack mixes, a trial's result is the one it has alone."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.trainers.test_pack_parity import agrees, losses, perturbed
from tests.trainers.trials import train, trial
from trainers.catalogue import alternatives
from trainers.clipping import ClipConfig
from trainers.gradients import GradientConfig
from trainers.initializers import InitializerConfig
from trainers.optimizers import OptimizerConfig
from trainers.pack import PackTrial
from trainers.regularisers import RegulariserConfig
from trainers.schedules import ScheduleConfig

NUM_STEPS = 50
MODELS: dict[str, dict[str, Any]] = {
    "mlp": {"kind": "mlp", "hidden": [12]},
    "mlp with norms": {"kind": "mlp", "hidden": [8, 8], "activation": "tanh", "norm": "layer_norm"},
    "cnn": {"kind": "cnn", "channels": [4], "dense": [8]},
    "rnn": {"kind": "rnn", "hidden": 8},
    "gru": {"kind": "gru", "hidden": 6},
    "transformer": {"kind": "transformer", "width": 8, "heads": 2, "layers": 1, "qk_norm": True},
}
"""All of them take images: recurrent models and transformers row by row."""


def named(union: Any) -> st.SearchStrategy[dict[str, Any]]:
    """Any kind of a family, with its own defaults."""
    return st.sampled_from([{"kind": kind.model_fields["kind"].default} for kind in alternatives(union)])


@st.composite
def packs(draw: st.DrawFn, model: dict[str, Any]) -> list[PackTrial]:
    """Trials that share what a stack must share, and differ in everything else."""
    optimizer = draw(named(OptimizerConfig))
    shared = {
        "workload": {"data": {"kind": "digits", "limit": 200}, "model": model},
        "gradient": draw(st.lists(named(GradientConfig), max_size=2)),
        "regularisers": draw(st.lists(named(RegulariserConfig), max_size=2)),
        "accumulate": draw(st.sampled_from([1, 1, 3])),
        "batch_size": draw(st.sampled_from([8, 16, "full"])),
        "steps": NUM_STEPS,
        "report_every": 1,
        "dtype": "float64",
    }

    def member(number: int) -> PackTrial:
        lr = 10 ** draw(st.floats(-4, 0))
        return trial(
            number,
            clip=draw(named(ClipConfig)),
            init=draw(named(InitializerConfig)),
            schedule=draw(named(ScheduleConfig)),
            optimizer={**optimizer, "lr": lr},
            layer_lr=draw(st.sampled_from([{}, {}, {"output": lr / 3}, {"*": 2 * lr}])),
            seed=draw(st.integers(0, 2**40)),
            **shared,
        )

    return [member(number) for number in range(draw(st.integers(2, 4)))]


@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS.keys())
@settings(max_examples=3, derandomize=True)
@given(data=st.data())
def test_a_trial_does_not_depend_on_its_pack(model: dict[str, Any], data: st.DataObject) -> None:
    trials = data.draw(packs(model))
    together, alone = train(trials, stack_size=len(trials)), train(trials, stack_size=1)
    for one, other, member in zip(together, alone, trials, strict=True):
        assert one.error is None
        control = perturbed(member)
        if agrees(control, other):
            np.testing.assert_allclose(losses(one), losses(other), rtol=1e-9)
        if control.verdict.outcome == other.verdict.outcome:
            assert one.verdict.outcome == other.verdict.outcome
