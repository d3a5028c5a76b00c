"""Full-batch training sharpens until lr·λ₁ reaches 2 and stays there: the edge of stability.

A tanh net of 50-50 units fits the Chebyshev polynomial T₄ at 20 points with ½ of the mean squared error
(Cohen et al. 2021, arXiv 2103.00065). λ₁ is the statistic `sharpness`, measured while the pack trains.
"""

import numpy as np
import pytest

from tests.trainers.trials import train, trial

NET = {
    "data": {"kind": "chebyshev", "n": 20, "degree": 4},
    "model": {"kind": "mlp", "hidden": [50, 50], "activation": "tanh"},
    "loss": "half_squared_error",
}
HORIZONS = {0.2: 20_000, 0.4: 12_000}
"""Steps by learning rate; both train as one stack, for as long as the longer one."""
EVERY = 200


def test_the_sharpness_settles_at_two_over_the_learning_rate() -> None:
    steps = max(HORIZONS.values())
    trials = [
        trial(
            number, workload=NET, lr=lr, steps=steps, batch_size="full", dtype="float64",
            init={"kind": "xavier_uniform"}, report_every=EVERY, eval_every=steps,
            measure={"every": EVERY, "what": ["sharpness"], "examples": "all"},
        )
        for number, lr in enumerate(HORIZONS)
    ]  # fmt: skip
    for (lr, horizon), record in zip(HORIZONS.items(), train(trials, stack_size=2), strict=True):
        curves = record.curves.scalars
        products = curves["sharpness"][: horizon // EVERY] * lr / 2
        losses = curves["train_loss"][: horizon // EVERY]
        assert products[0] < 0.95, "it begins below the edge"
        assert np.median(products[-len(products) // 3 :]) == pytest.approx(1.0, abs=0.03)
        assert np.median(losses[-len(losses) // 3 :]) < 0.05 * losses[0], "it trains all the while"
