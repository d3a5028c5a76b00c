"""The stability score: one number from 0 to 1 that orders runs by how stably they trained."""

from trainers.outcomes.run import TrainedRun
from trainers.record import OutcomeName


def stability_score(run: TrainedRun, outcome: OutcomeName) -> float:
    """From 0 to 1."""
    return 1.0 if outcome == "stable" else 0.0
