"""The form of a schedule: the factor on the learning rate at each step."""

from abc import abstractmethod
from collections.abc import Sequence

from trainers.kinds import Kind


class Schedule(Kind):
    """Base of schedule configs: pure functions, so that any step's rate can be asked for at any time."""

    @abstractmethod
    def factor(self, step: int, num_steps: int) -> float:
        """The multiplier on `optimizer.lr` at update `step` (from 0) of `num_steps`."""

    def batch_factor(self, batch_size: int) -> float:
        """A further multiplier for the whole run, from the examples per batch.

        Micro-batches do not count: their gradients are summed, which scales the update already.
        """
        return 1.0

    def feedback_factor(self, eval_losses: Sequence[float]) -> float:
        """A further multiplier, from the evaluation losses so far, oldest first; NaN is no improvement."""
        return 1.0
