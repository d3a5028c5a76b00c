"""Learning rate schedules: factors on the learning rate, step by step."""

from trainers.schedules.base import Schedule
from trainers.schedules.constant import Constant

ScheduleConfig = Constant

__all__ = ["Constant", "Schedule", "ScheduleConfig"]
