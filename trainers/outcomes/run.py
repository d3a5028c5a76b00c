"""What the outcome rules look at."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from trainers.outcomes import thresholds
from trainers.outcomes.ending import Ending
from trainers.statistics.series import StepSeries
from trainers.statistics.spikes import rolling_means, spikes

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class TrainedRun:
    """One trial's statistics, with what is needed to judge them; from any training loop.

    layer_grad_norms: (R, L) gradient norms per report window and layer, in forward order; may be empty.
    baseline_loss: loss of the best constant prediction, where it is known: a run that ends there learned
    nothing from its inputs, however bad its start was.
    num_left_out: updates that were left out since the loss scale of float16 overflowed.
    """

    series: StepSeries
    num_steps_planned: int
    ending: Ending | None
    layer_names: tuple[str, ...]
    layer_grad_norms: Floats
    baseline_loss: float | None = None
    num_left_out: int = 0

    @cached_property
    def num_unmoved(self) -> int:
        """How many first steps show the loss at initialisation: the weights had hardly moved. At least 1.

        Where the loss falls or rises all the same, fewer: some nets change much with little.
        """
        path = np.nancumsum(self.series.update_ratio)
        num_steps = 1 + int(np.searchsorted(path[:-1], thresholds.UNMOVED_PATH))
        while num_steps > 1 and _has_trend(self.series.loss[:num_steps]):
            num_steps //= 2
        return num_steps

    @property
    def never_moved(self) -> bool:
        """Whether all updates together hardly changed the weights; a run of one step cannot tell."""
        return 1 < self.num_unmoved == self.series.num_steps

    @cached_property
    def initial_loss(self) -> float:
        """L₀: mean loss of the first `num_unmoved` steps."""
        return float(self.series.loss[: self.num_unmoved].mean())

    @cached_property
    def scale(self) -> float:
        """|L₀|, what changes of the loss are compared with; never zero."""
        return max(abs(self.initial_loss), thresholds.SMALLEST_LOSS)

    @cached_property
    def tail(self) -> slice:
        """W: the last tenth of the steps made, at least 20, at most the second half."""
        n = self.series.num_steps
        length = max(thresholds.MIN_TAIL_STEPS, n // thresholds.TAIL_PART)
        return slice(n - min(length, (n + 1) // 2), n)

    @cached_property
    def before_tail(self) -> slice:
        """As many steps as W has, or as there are, right before it."""
        return slice(max(0, 2 * self.tail.start - self.tail.stop), self.tail.start)

    @cached_property
    def tail_loss(self) -> float:
        """Mean loss over W."""
        return float(self.series.loss[self.tail].mean())

    @cached_property
    def gain(self) -> float:
        """How far W's loss lies below the start, as a share of it; negative where it rose."""
        return (self.initial_loss - self.tail_loss) / self.scale

    @cached_property
    def is_solved(self) -> bool:
        """Whether next to nothing is left of the first loss."""
        return abs(self.tail_loss) <= thresholds.SOLVED_LOSS * self.scale

    @cached_property
    def tail_deviation(self) -> float:
        """Standard deviation of the loss over W."""
        return float(self.series.loss[self.tail].std())

    @cached_property
    def best_loss(self) -> float:
        """The smallest mean loss over as many successive steps as W has."""
        return float(rolling_means(self.series.loss, self.tail.stop - self.tail.start).min())

    @cached_property
    def is_descending(self) -> bool:
        """Whether W's loss is below that of the steps before it, by 1 % and beyond the noise."""
        return self._has_fallen_since(self.before_tail)

    @cached_property
    def is_falling(self) -> bool:
        """Whether it is below that of as many steps in the middle of the run, by as much."""
        middle = self.series.num_steps // 2
        return self._has_fallen_since(slice(middle, middle + self.tail.stop - self.tail.start))

    def _has_fallen_since(self, earlier: slice) -> bool:
        before, last = self.series.loss[earlier], self.series.loss[self.tail]
        if not len(before) or earlier.stop > self.tail.start:
            return False
        needed = max(thresholds.DESCENDING * abs(before.mean()), _noise_of_change(before, last))
        return bool(before.mean() - last.mean() > needed)

    @cached_property
    def tail_cosine(self) -> float:
        """Median cosine of successive gradients over W; 0 when it was not measured."""
        cosines = self.series.grad_cosine[self.tail]
        known = cosines[np.isfinite(cosines)]
        return float(np.median(known)) if len(known) else 0.0

    @cached_property
    def is_always_clipped(self) -> bool:
        """Whether nearly every step of W was clipped."""
        return bool(self.series.clipped[self.tail].mean() >= thresholds.ALWAYS_CLIPPED)

    @cached_property
    def spiked(self) -> NDArray[np.bool_]:
        """Where the loss jumped up, (n,)."""
        return spikes(self.series.loss, upward_only=True)

    @cached_property
    def first_to_last_gradient(self) -> float:
        """First layer's gradient norm over the last layer's, median over the last windows; NaN if unknown."""
        norms = self.layer_grad_norms
        if norms.size == 0 or norms.shape[1] < 2:
            return float("nan")
        rows = norms[-max(1, len(norms) // thresholds.TAIL_PART) :]
        with np.errstate(all="ignore"):
            return float(np.median(rows[:, 0] / rows[:, -1]))


def _noise_of_change(before: Floats, after: Floats) -> float:
    """What the difference of two means must exceed."""
    error = np.sqrt(before.var() / len(before) + after.var() / len(after))
    return float(thresholds.DESCENDING_ERRORS * error)


def _has_trend(loss: Floats) -> bool:
    """Whether the halves of `loss` (n,) differ by 1 % and beyond the noise."""
    first, second = loss[: len(loss) // 2], loss[len(loss) // 2 :]
    needed = max(thresholds.DESCENDING * abs(first.mean()), _noise_of_change(first, second))
    return bool(abs(first.mean() - second.mean()) > needed)
