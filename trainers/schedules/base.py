"""The form of a schedule: the factor on the learning rate at each step."""

from abc import abstractmethod

from trainers.kinds import Kind


class Schedule(Kind):
    """Base of schedule configs: pure functions of the step."""

    @abstractmethod
    def factor(self, step: int, num_steps: int) -> float:
        """The multiplier on `optimizer.lr` at update `step` (from 0) of `num_steps`."""
