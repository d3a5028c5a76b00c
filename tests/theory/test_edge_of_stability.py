"""Full-batch training sharpens until lr·λ₁ reaches 2 and stays there: the edge of stability.

A tanh net of 50-50 units fits the Chebyshev polynomial T₄ at 20 points with ½ of the mean squared error
(Cohen et al. 2021, arXiv 2103.00065). λ₁ is the statistic `sharpness`, measured while the pack trains.
"""

from typing import Any

import numpy as np
import pytest

from tests.trainers.trials import train, trial
from trainers.record import TrialRecord

NET = {
    "data": {"kind": "chebyshev", "n": 20, "degree": 4},
    "model": {"kind": "mlp", "hidden": [50, 50], "activation": "tanh"},
    "loss": "half_squared_error",
}


def descend(lr: float, steps: int, **fields: Any) -> TrialRecord:
    """Gradient descent with 100 measurements of the sharpness."""
    every = steps // 100
    (record,) = train(
        [
            trial(
                workload=NET, lr=lr, steps=steps, batch_size="full", dtype="float64",
                init={"kind": "xavier_uniform"}, report_every=every, eval_every=steps,
                measure={"every": every, "what": ["sharpness"], "examples": "all"}, **fields,
            )
        ]
    )  # fmt: skip
    return record


@pytest.mark.parametrize(("lr", "steps"), [(0.2, 20_000), (0.4, 12_000)])
def test_the_sharpness_settles_at_two_over_the_learning_rate(lr: float, steps: int) -> None:
    record = descend(lr, steps)
    products = record.curves.scalars["sharpness"] * lr / 2
    assert np.nanmedian(products[:3]) < 0.95, "it begins below the edge"
    assert np.nanmedian(products[-len(products) // 3 :]) == pytest.approx(1.0, abs=0.03)
    assert record.verdict.outcome in ("stable", "spiky")
    assert (record.final["train_loss"] or 0) < 0.1 * (record.final["initial_loss"] or 0)
