"""At which steps a trial reports a curve point, and at which it is evaluated."""

import numpy as np
from numpy.typing import NDArray

from trainers.config import TrialConfig

NUM_REPORTS = 32
NUM_EVALUATIONS = 5
"""Four evaluations on the way and one at the end."""


def report_steps(config: TrialConfig) -> NDArray[np.int64]:
    """The last step of each report window (R,), counted from 0; the last window ends with training.

    >>> from trainers.reporting import every
    >>> every(10, None, 4).tolist()
    [2, 4, 7, 9]
    """
    return every(config.steps, config.report_every, NUM_REPORTS)


def eval_steps(config: TrialConfig) -> NDArray[np.int64]:
    """The steps after which held-out data is evaluated, counted from 0; always the last one too."""
    return every(config.steps, config.eval_every, NUM_EVALUATIONS)


def every(num_steps: int, interval: int | None, default_points: int) -> NDArray[np.int64]:
    """Every `interval`-th of `num_steps` steps and the last; None spreads `default_points` points evenly."""
    if interval is None:
        points = min(default_points, num_steps)
        marks = -(-np.arange(1, points + 1) * num_steps // points)
    else:
        marks = np.arange(interval, num_steps + interval, interval).clip(max=num_steps)
    return np.unique(marks).astype(np.int64) - 1
