"""The learning rate as it is."""

from typing import Literal

from trainers.schedules.base import Schedule


class Constant(Schedule):
    """The same learning rate at every step."""

    kind: Literal["constant"] = "constant"

    def factor(self, step: int, num_steps: int) -> float:
        """Always 1."""
        return 1.0
