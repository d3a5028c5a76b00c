"""Schedules that lower the learning rate over the run."""

from math import cos, pi, sqrt
from typing import Literal

from pydantic import Field

from trainers.schedules.base import Schedule
from trainers.schedules.warmup import ramp


class Cosine(Schedule):
    """Falls along half a cosine to a last fraction of the learning rate, after an optional warm-up."""

    kind: Literal["cosine"] = "cosine"
    source = "Loshchilov and Hutter 2016, arXiv 1608.03983; torch.optim.lr_scheduler.CosineAnnealingLR"
    warmup_steps: int = Field(0, ge=0, description="steps of linear warm-up")
    final: float = Field(0.0, ge=0, le=1, description="fraction of the learning rate that is left at the end")

    def factor(self, step: int, num_steps: int) -> float:
        """1 at the end of the warm-up, `final` one step after the last."""
        if step < self.warmup_steps:
            return ramp(step, self.warmup_steps)
        done = min(1.0, (step - self.warmup_steps) / max(1, num_steps - self.warmup_steps))
        return self.final + (1 - self.final) * (1 + cos(pi * done)) / 2


class Step(Schedule):
    """Multiplies the learning rate by a fixed factor every so many steps."""

    kind: Literal["step"] = "step"
    source = "torch.optim.lr_scheduler.StepLR"
    every: int = Field(100, ge=1, description="steps between two drops")
    gamma: float = Field(0.1, gt=0, le=1, description="factor at each drop")

    def factor(self, step: int, num_steps: int) -> float:
        """gamma to the number of drops so far."""
        return self.gamma ** (step // self.every)


class Exponential(Schedule):
    """Multiplies the learning rate by a fixed factor at every step."""

    kind: Literal["exponential"] = "exponential"
    source = "torch.optim.lr_scheduler.ExponentialLR"
    gamma: float = Field(0.99, gt=0, le=1, description="factor at each step")

    def factor(self, step: int, num_steps: int) -> float:
        """gamma to the step; 0 once that is too small to be told from it."""
        return self.gamma**step


class InverseSqrt(Schedule):
    """Rises linearly, then falls with the inverse square root of the step."""

    kind: Literal["inverse_sqrt"] = "inverse_sqrt"
    source = "Vaswani et al. 2017, arXiv 1706.03762, scaled so that the peak is the learning rate"
    warmup_steps: int = Field(100, ge=1, description="steps of linear warm-up; the fall starts there")

    def factor(self, step: int, num_steps: int) -> float:
        """min((step + 1)/w, √(w/(step + 1))) for w warm-up steps."""
        return min(ramp(step, self.warmup_steps), sqrt(self.warmup_steps / (step + 1)))
