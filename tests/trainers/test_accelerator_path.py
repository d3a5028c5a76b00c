"""The code for accelerators (vectorised members, statistics without a host sync), run on the CPU."""

from typing import Any

import numpy as np
import pytest

from tests.trainers.models.cases import CASES, B, Case
from tests.trainers.models.test_against_torch import assert_equal
from tests.trainers.trials import Trial, train, trial
from trainers import stack
from trainers.models import members
from trainers.record import TrialRecord
from trainers.statistics.device import DeviceMeter

CONVOLUTIONAL = [case for case in CASES if case.config.kind in ("cnn", "resnet", "detector")]
ROWS: dict[str, dict[str, Any]] = {
    "mlp": {"kind": "mlp", "hidden": [12], "norm": "rms_norm"},
    "cnn": {"kind": "cnn", "channels": [4], "dense": [8]},
    "resnet": {"kind": "resnet", "channels": [4, 8], "blocks": 1, "groups": 2},
    "lstm": {"kind": "lstm", "hidden": 6},
    "transformer": {"kind": "transformer", "width": 8, "heads": 2, "layers": 1},
}
DATA = {"kind": "digits", "limit": 200}


@pytest.fixture
def accelerated(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take the ways that an accelerator takes."""
    monkeypatch.setattr(members, "in_turn", members.vectorised)
    monkeypatch.setattr(stack, "make_meter", DeviceMeter)


def trials_of(model: dict[str, Any], lr: float = 0.05, **changes: Any) -> list[Trial]:
    shared: dict[str, Any] = {
        "workload": {"data": DATA, "model": model},
        "steps": 30,
        "report_every": 1,
        "dtype": "float64",
        "init": {"kind": "lecun_normal"},
    }
    clips = ["none", "global_norm", "zclip", "spike_momentum_reset"]
    return [
        trial(number, seed=number, lr=lr * (1 + number), clip={"kind": clip}, **(shared | changes))
        for number, clip in enumerate(clips)
    ]


def assert_same(found: list[TrialRecord], expected: list[TrialRecord]) -> None:
    for ours, theirs in zip(found, expected, strict=True):
        assert ours.error is None
        assert ours.verdict.outcome == theirs.verdict.outcome
        assert ours.num_steps_done == theirs.num_steps_done
        for name in ("train_loss", "grad_norm", "grad_norm_after", "update_ratio", "weight_norm"):
            np.testing.assert_allclose(
                ours.curves.scalars[name], theirs.curves.scalars[name], rtol=1e-8, atol=1e-12
            )


@pytest.mark.usefixtures("accelerated")
@pytest.mark.parametrize("shared", [False, True], ids=["own inputs", "shared inputs"])
@pytest.mark.parametrize("case", CONVOLUTIONAL, ids=lambda case: case.name)
def test_vectorised_members_of_a_whole_model_equal_torch(case: Case, shared: bool) -> None:
    assert_equal(case, 3, case.inputs(1 if shared else 3, B))


@pytest.mark.parametrize("model", ROWS.values(), ids=ROWS.keys())
def test_a_pack_trains_as_on_the_host(model: dict[str, Any], request: pytest.FixtureRequest) -> None:
    expected = train(trials_of(model), stack_size=4)
    request.getfixturevalue("accelerated")
    assert_same(train(trials_of(model), stack_size=4), expected)


@pytest.mark.parametrize("model", [ROWS["mlp"], ROWS["cnn"]], ids=["mlp", "cnn"])
def test_an_explosion_is_found_at_the_same_step_and_layer(
    model: dict[str, Any], request: pytest.FixtureRequest
) -> None:
    wild: dict[str, Any] = {"lr": 1e11, "dtype": "float32"}
    expected = train(trials_of(model, **wild), stack_size=4)
    assert any(record.verdict.outcome == "exploded" for record in expected)
    request.getfixturevalue("accelerated")
    for ours, theirs in zip(train(trials_of(model, **wild), stack_size=4), expected, strict=True):
        assert ours.verdict.outcome == theirs.verdict.outcome
        assert ours.verdict.evidence.step == theirs.verdict.evidence.step
        assert ours.verdict.evidence.layer == theirs.verdict.evidence.layer


@pytest.mark.parametrize("kind", ["dropout", "gradient_penalty", "shift", "cutout", "mixup", "input_noise"])
def test_augmented_convolutions_train_as_on_the_host(kind: str, request: pytest.FixtureRequest) -> None:
    changes = {"regularisers": [{"kind": kind}], "steps": 8}
    expected = train(trials_of(ROWS["cnn"], **changes), stack_size=4)
    request.getfixturevalue("accelerated")
    assert_same(train(trials_of(ROWS["cnn"], **changes), stack_size=4), expected)
