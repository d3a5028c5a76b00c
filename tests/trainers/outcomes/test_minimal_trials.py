"""A small real trial for every outcome."""

from typing import Any

import pytest

from tests.trainers.trials import Quadratic, train, trial

SIGMOIDS = {
    "data": {"kind": "digits"},
    "model": {"kind": "mlp", "hidden": [16] * 12, "activation": "sigmoid"},
}
CLIPPED = {"kind": "global_norm", "max_norm": 1.0}

TRIALS: dict[str, dict[str, Any]] = {
    "stable": {"lr": 0.1, "batch_size": 64},
    "exploded": {"lr": 1e9, "hidden": (16, 16)},
    "diverged": {"lr": 100.0, "batch_size": 64},
    "spiky": {"lr": 100.0, "hidden": (), "batch_size": "full", "clip": CLIPPED},
    "stalled": {"lr": 1e-7},
    "vanished": {"lr": 0.01, "workload": SIGMOIDS, "init": {"kind": "xavier_uniform"}},
}


@pytest.mark.parametrize("outcome", TRIALS)
def test_a_small_net_gets_its_outcome(outcome: str) -> None:
    (record,) = train([trial(steps=200, **TRIALS[outcome])])
    assert record.verdict.outcome == outcome, record.verdict


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
