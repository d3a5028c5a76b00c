"""A learning rate that drops when the evaluation loss stops falling."""

from collections.abc import Sequence
from typing import Literal

from pydantic import Field

from trainers.schedules.base import Schedule


class Plateau(Schedule):
    """Lowers the learning rate whenever the evaluation loss has stopped falling."""

    kind: Literal["plateau"] = "plateau"
    source = "torch.optim.lr_scheduler.ReduceLROnPlateau"
    drop: float = Field(0.1, gt=0, lt=1, description="factor at each drop")
    patience: int = Field(2, ge=0, le=10_000, description="evaluations without progress that are borne")
    threshold: float = Field(1e-4, ge=0, lt=1, description="relative fall that counts as progress")
    lowest: float = Field(0.0, ge=0, lt=1, description="fraction of the learning rate that is never undercut")

    def factor(self, step: int, num_steps: int) -> float:
        """Always 1: this schedule knows no steps, only evaluations."""
        return 1.0

    def feedback_factor(self, eval_losses: Sequence[float]) -> float:
        """The factor after these evaluations, replayed from the first one, so that it needs no state."""
        best, num_bad, factor = float("inf"), 0, 1.0
        for loss in eval_losses:
            if loss < best * (1 - self.threshold):
                best, num_bad = loss, 0
            else:
                num_bad += 1
            if num_bad > self.patience:
                factor, num_bad = max(factor * self.drop, self.lowest), 0
        return factor
