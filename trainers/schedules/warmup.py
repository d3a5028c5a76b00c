"""Linear warm-up, alone and before other schedules."""

from typing import Literal

from pydantic import Field

from trainers.schedules.base import Schedule


def ramp(step: int, warmup_steps: int) -> float:
    """Rises from 1/warmup_steps at step 0 to 1 at the last warm-up step, and stays there.

    >>> [ramp(step, 4) for step in range(5)]
    [0.25, 0.5, 0.75, 1.0, 1.0]
    """
    return min(1.0, (step + 1) / warmup_steps) if warmup_steps else 1.0


class LinearWarmup(Schedule):
    """Rises linearly to the full learning rate and stays there."""

    kind: Literal["linear_warmup"] = "linear_warmup"
    source = "Goyal et al. 2017, arXiv 1706.02677"
    warmup_steps: int = Field(100, ge=1, description="steps until the full learning rate")

    def factor(self, step: int, num_steps: int) -> float:
        """(step + 1)/warmup_steps, at most 1."""
        return ramp(step, self.warmup_steps)
