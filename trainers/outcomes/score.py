"""The stability score: one number from 0 to 1 that orders runs by how stably they trained."""

import numpy as np

from trainers.outcomes.run import TrainedRun
from trainers.record import OutcomeName

BANDS: dict[OutcomeName, tuple[float, float]] = {
    "failed": (0.0, 0.0),
    "exploded": (0.0, 0.1),
    "diverged": (0.1, 0.2),
    "vanished": (0.2, 0.3),
    "stalled": (0.3, 0.4),
    "oscillating": (0.4, 0.6),
    "spiky": (0.6, 0.8),
    "stable": (0.8, 1.0),
}
"""The range of scores of each outcome, so that a score never contradicts an outcome."""
NUM_BLOCKS = 32
"""Means over this many parts of the run show its course without its batches' noise."""
FLAT = 0.01
"""A run that moved its loss by less than 1 % of the start counts as having moved it by this much."""


def stability_score(run: TrainedRun, outcome: OutcomeName) -> float:
    """From 0 to 1: the outcome gives the band (`BANDS`), the course of the loss the place in it.

    Where training broke or diverged the place is the share of planned steps that were made, otherwise the
    smoothness d / (d + r): d is how far the loss fell from its start to its lowest block mean, r the sum of
    all rises between successive block means. A loss that only falls scores 1 at the top of `stable`.
    """
    low, high = BANDS[outcome]
    if outcome in ("exploded", "diverged"):
        place = run.series.num_steps / run.num_steps_planned
    else:
        place = smoothness(run.series.loss)
    return low + (high - low) * min(place, 1.0)


def smoothness(loss: np.ndarray) -> float:
    """d / (d + r) of a loss (n,), see `stability_score`; 0 when a value is not finite."""
    if not np.isfinite(loss).all():
        return 0.0
    starts = np.unique(np.linspace(0, len(loss), min(NUM_BLOCKS, len(loss)), endpoint=False).astype(int))
    blocks = np.add.reduceat(loss, starts) / np.diff(np.append(starts, len(loss)))
    rises = float(np.maximum(np.diff(blocks), 0.0).sum())
    depth = max(float(blocks[0] - blocks.min()), FLAT * abs(float(blocks[0])))
    return depth / (depth + rises) if depth > 0 else 1.0
