"""The stability score: one number from 0 to 1 that orders runs by how stably they trained."""

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


def stability_score(run: TrainedRun, outcome: OutcomeName) -> float:
    """From 0 to 1: the outcome gives the band (`BANDS`), the course of the loss the place in it.

    Where training broke or diverged the place is the share of planned steps that were made, otherwise its
    `smoothness`. A loss that only falls scores 1 at the top of `stable`.
    """
    low, high = BANDS[outcome]
    if outcome in ("exploded", "diverged"):
        place = run.series.num_steps / run.num_steps_planned
    else:
        place = run.smoothness
    return low + (high - low) * min(place, 1.0)
