"""A learning rate in proportion to the batch size."""

from typing import Literal

from pydantic import Field

from trainers.schedules.base import Schedule
from trainers.schedules.warmup import ramp


class LinearScaling(Schedule):
    """Multiplies the learning rate by batch size over a base batch size, after an optional warm-up."""

    kind: Literal["linear_scaling"] = "linear_scaling"
    source = "Goyal et al. 2017, arXiv 1706.02677"
    base_batch_size: int = Field(64, ge=1, le=10**9, description="batch size at which the rate is as given")
    warmup_steps: int = Field(0, ge=0, description="steps of linear warm-up")

    def factor(self, step: int, num_steps: int) -> float:
        """(step + 1)/warmup_steps, at most 1."""
        return ramp(step, self.warmup_steps)

    def batch_factor(self, batch_size: int) -> float:
        """batch_size/base_batch_size."""
        return batch_size / self.base_batch_size
