"""One long rise and fall of the learning rate."""

from math import cos, pi
from typing import Literal

from pydantic import Field

from trainers.schedules.base import Schedule


class OneCycle(Schedule):
    """Rises from a fraction of the learning rate to all of it, then falls to almost nothing."""

    kind: Literal["one_cycle"] = "one_cycle"
    source = "Smith and Topin 2017, arXiv 1708.07120; torch.optim.lr_scheduler.OneCycleLR"
    rise: float = Field(0.3, gt=0, lt=1, description="fraction of the run in which the rate rises")
    start_divisor: float = Field(25.0, ge=1, le=1e12, description="the run starts at lr divided by this")
    final_divisor: float = Field(1e4, ge=1, le=1e12, description="the run ends at its start rate over this")

    def factor(self, step: int, num_steps: int) -> float:
        """Two half cosines that meet at 1; the last step has the final rate."""
        peak = self.rise * num_steps - 1
        first = 1 / self.start_divisor
        if peak > 0 and step <= peak:
            return _half_cosine(first, 1.0, step / peak)
        done = (step - peak) / (num_steps - 1 - peak)
        return _half_cosine(1.0, first / self.final_divisor, min(1.0, done))


def _half_cosine(start: float, end: float, done: float) -> float:
    return end + (start - end) * (1 + cos(pi * done)) / 2
