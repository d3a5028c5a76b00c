"""Runs made by hand, one statistic at a time."""

from typing import Any

import numpy as np

from trainers.outcomes import Ending, TrainedRun
from trainers.statistics.series import StepSeries

NUM_STEPS = 400


def falling(
    start: float = 2.0, end: float = 0.2, num_steps: int = NUM_STEPS, noise: float = 0.01
) -> np.ndarray:
    """A loss that falls exponentially towards `end`, with a batch's noise."""
    course = end + (start - end) * np.exp(-np.arange(num_steps) / (num_steps / 6))
    return course + noise * np.random.default_rng(0).standard_normal(num_steps)


def level(value: float, num_steps: int = NUM_STEPS, noise: float = 0.01) -> np.ndarray:
    """A loss that stays where it is."""
    return value + noise * np.random.default_rng(0).standard_normal(num_steps)


def run(
    loss: np.ndarray,
    *,
    ending: Ending | None = None,
    layers: tuple[float, ...] = (1.0, 1.0),
    baseline: float | None = None,
    **statistics: Any,
) -> TrainedRun:
    """A healthy run with this loss; `statistics` replaces series, `layers` are gradient norms by layer."""
    n = len(loss)
    healthy = {
        "loss": loss,
        "grad_norm": np.ones(n),
        "grad_norm_after": np.ones(n),
        "max_abs_grad": np.full(n, 0.1),
        "zero_fraction": np.zeros(n),
        "clipped": np.zeros(n),
        "clip_coefficient": np.ones(n),
        "update_ratio": np.full(n, 0.01),
        "weight_norm": np.full(n, 10.0),
        "grad_cosine": np.zeros(n),
    }
    return TrainedRun(
        series=StepSeries(**(healthy | statistics)),
        num_steps_planned=NUM_STEPS,
        ending=ending,
        layer_names=tuple(f"layer{index}" for index in range(len(layers))),
        layer_grad_norms=np.tile(layers, (8, 1)),
        baseline_loss=baseline,
    )
