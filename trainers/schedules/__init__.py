"""Learning rate schedules: factors on the learning rate, step by step."""

from typing import Annotated

from pydantic import Field

from trainers.schedules.base import Schedule
from trainers.schedules.constant import Constant
from trainers.schedules.decay import Cosine, Exponential, InverseSqrt, Step
from trainers.schedules.linear_scaling import LinearScaling
from trainers.schedules.one_cycle import OneCycle
from trainers.schedules.plateau import Plateau
from trainers.schedules.warmup import LinearWarmup

ScheduleConfig = Annotated[
    Constant | LinearWarmup | Cosine | Step | Exponential | OneCycle | InverseSqrt | Plateau | LinearScaling,
    Field(discriminator="kind"),
]

__all__ = [
    "Constant", "Cosine", "Exponential", "InverseSqrt", "LinearScaling", "LinearWarmup", "OneCycle",
    "Plateau", "Schedule", "ScheduleConfig", "Step",
]  # fmt: skip
