"""Small real trials for every outcome, with the evidence that tells it from its neighbours."""

from typing import Any

import pytest

from tests.trainers.trials import Quadratic, train, trial
from trainers.record import TrialRecord

SIGMOIDS = {
    "data": {"kind": "digits"},
    "model": {"kind": "mlp", "hidden": [16] * 12, "activation": "sigmoid"},
}
LINE = {"data": {"kind": "linear_regression"}, "model": {"kind": "mlp", "hidden": []}}
STUDENT = {"data": {"kind": "teacher_student", "n": 128}, "model": {"kind": "mlp", "hidden": [16]}}
CLIPPED = {"kind": "global_norm", "max_norm": 1.0}
TIGHTLY = {"kind": "global_norm", "max_norm": 0.1}
BOUNCE = "successive gradients point against each other"
DEAD = "gradient does not reach the first layer"

TRIALS: list[tuple[str, str, dict[str, Any]]] = [
    ("stable", "no rule against it applies", {"lr": 0.1, "batch_size": 64}),
    ("stable", "no rule against it applies", {"lr": 0.5, "hidden": (64,), "batch_size": "full"}),
    ("stable", "no rule against it applies", {"lr": 0.1, "workload": LINE, "clip": TIGHTLY}),
    ("exploded", "non-finite value", {"lr": 1e9, "hidden": (16, 16)}),
    ("diverged", "loss far above its start", {"lr": 30.0, "hidden": (16, 16), "batch_size": 64}),
    ("diverged", "ends above its start", {"lr": 100.0, "batch_size": 64}),
    ("diverged", "ends above its start", {"lr": 10.0, "workload": LINE, "clip": CLIPPED}),
    ("spiky", "loss spikes", {"optimizer": {"kind": "lion", "lr": 0.1}, "batch_size": 64, "steps": 300}),
    (
        "spiky",
        "loss peaked above its start",
        {"lr": 100.0, "hidden": (), "batch_size": "full", "clip": CLIPPED},
    ),
    ("stalled", "loss stays at its start", {"lr": 1e-7}),
    ("vanished", DEAD, {"lr": 0.01, "workload": SIGMOIDS, "init": {"kind": "xavier_uniform"}}),
    ("vanished", DEAD, {"lr": 10.0, "hidden": (16, 16), "batch_size": 64}),  # killed by its first steps
    ("vanished", DEAD, {"lr": 0.1, "init": {"kind": "zeros"}}),
    ("oscillating", BOUNCE, {"lr": 1.0, "workload": LINE, "clip": TIGHTLY, "batch_size": "full"}),
    ("oscillating", BOUNCE, {"lr": 3.0, "workload": LINE, "clip": TIGHTLY}),
    ("oscillating", BOUNCE, {"lr": 3.0, "workload": LINE, "clip": {"kind": "normalize"}}),
    ("oscillating", BOUNCE, {"lr": 10.0, "workload": STUDENT, "clip": TIGHTLY, "batch_size": "full"}),
]


def ended(**fields: Any) -> TrialRecord:
    (record,) = train([trial(**{"steps": 200} | fields)])
    return record


@pytest.mark.parametrize(("outcome", "rule", "fields"), TRIALS)
def test_a_small_net_gets_its_outcome(outcome: str, rule: str, fields: dict[str, Any]) -> None:
    verdict = ended(**fields).verdict
    assert (verdict.outcome, verdict.evidence.rule) == (outcome, rule), verdict


def test_clipping_every_step_with_too_large_a_rate_is_oscillating() -> None:
    wide, narrow = (
        train(
            [trial(steps=200, lr=lr, clip=CLIPPED, dtype="float64")], build=lambda *_: Quadratic([1.0, 4.0])
        )[0]
        for lr in (1.0, 0.4)
    )
    assert wide.verdict.outcome == "oscillating"
    assert wide.curves.scalars["clip_fraction"][-1] == 1.0
    assert narrow.verdict.outcome == "stable"


def test_the_same_net_goes_from_stalled_to_exploded_as_the_learning_rate_grows() -> None:
    found = [
        ended(lr=lr, hidden=(16, 16), batch_size=64).verdict.outcome for lr in (1e-6, 0.1, 10.0, 1e3, 1e9)
    ]
    assert found[:2] == ["stalled", "stable"]
    assert found[2] in ("vanished", "diverged")
    assert found[3] in ("diverged", "exploded")
    assert found[4] == "exploded"


def test_a_net_that_fitted_its_data_has_no_gradient_left_and_is_stable() -> None:
    record = ended(
        lr=0.2, workload=LINE | {"data": {"kind": "linear_regression", "noise": 0.0}},
        batch_size="full", dtype="float64", steps=2000,
    )  # fmt: skip
    assert record.curves.scalars["grad_norm"][-1] < 1e-7 * record.curves.scalars["grad_norm_max"][0]
    assert record.verdict.outcome == "stable"


@pytest.mark.parametrize("weight", [0.1, 0.5])
def test_the_floor_of_label_smoothing_is_no_stall(weight: float) -> None:
    smoothing = [{"kind": "label_smoothing", "weight": weight}]
    assert ended(lr=0.3, batch_size=64, regularisers=smoothing).verdict.outcome == "stable"
