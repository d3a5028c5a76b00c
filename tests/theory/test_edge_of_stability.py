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
"""Steps by learning rate; all train as one stack, for as long as the longer one."""
SEEDS = (0, 1)
EVERY = 101
"""Odd: a run that bounces sees one side of its valley in even steps and the other, sharper, in odd ones.

The median of each side counts half; the median of both together would be that of the side with one more.
"""


@pytest.mark.timeout(900)  # half a minute of arithmetic, on a machine that may be busy
def test_the_sharpness_settles_at_two_over_the_learning_rate() -> None:
    steps = max(HORIZONS.values())
    settings = [(lr, seed) for lr in HORIZONS for seed in SEEDS]
    trials = [
        trial(
            number, workload=NET, lr=lr, seed=seed, steps=steps, batch_size="full", dtype="float64",
            init={"kind": "xavier_uniform"}, report_every=EVERY, eval_every=steps,
            measure={"every": EVERY, "what": ["sharpness"], "examples": "all"},
        )
        for number, (lr, seed) in enumerate(settings)
    ]  # fmt: skip
    records = train(trials, stack_size=len(trials))
    for lr, horizon in HORIZONS.items():
        curves = [
            record.curves
            for record, one in zip(records, trials, strict=True)
            if one.config.optimizer.lr == lr
        ]
        windows = slice(2 * horizon // 3 // EVERY, horizon // EVERY)
        firsts = [one.scalars["sharpness"][0] * lr / 2 for one in curves]
        settled = np.stack([one.scalars["sharpness"][windows] for one in curves]) * lr / 2
        sides = np.median(settled[:, ::2]), np.median(settled[:, 1::2])
        assert all(abs(first - 1) > 0.05 for first in firsts), "it begins elsewhere"
        assert np.mean(sides) == pytest.approx(1.0, abs=0.03), sides
        for one in curves:
            losses = one.scalars["train_loss"]
            assert np.median(losses[windows]) < 0.1 * losses[0], "it trains all the while"
