"""What became of a trial: outcomes with their evidence, as pure functions of its per-step statistics."""

from trainers.outcomes.ending import Ending
from trainers.outcomes.judge import judge
from trainers.outcomes.run import TrainedRun
from trainers.outcomes.score import stability_score

__all__ = ["Ending", "TrainedRun", "judge", "stability_score"]
