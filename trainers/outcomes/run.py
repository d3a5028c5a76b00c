"""What the outcome rules look at."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from trainers.outcomes import thresholds
from trainers.outcomes.ending import Ending
from trainers.outcomes.traits import Traits
from trainers.statistics.series import StepSeries

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
    def _traits(self) -> Traits:
        """Those of this run alone, unless `share_traits` gave it others."""
        series = {name: getattr(self.series, name)[None] for name in StepSeries.names()}
        return Traits(StepSeries(**series), self.layer_grad_norms[None])

    @cached_property
    def _row(self) -> int:
        return 0

    @cached_property
    def num_unmoved(self) -> int:
        """How many first steps show the loss at initialisation: the weights had hardly moved. At least 1.

        Where the loss falls or rises all the same, fewer: some nets change much with little.
        """
        return int(self._traits.num_unmoved[self._row])

    @property
    def never_moved(self) -> bool:
        """Whether all updates together hardly changed the weights; a run of one step cannot tell."""
        return 1 < self.num_unmoved == self.series.num_steps

    @cached_property
    def initial_loss(self) -> float:
        """L₀: mean loss of the first `num_unmoved` steps."""
        return float(self._traits.initial_loss[self._row])

    @cached_property
    def scale(self) -> float:
        """|L₀|, what changes of the loss are compared with; never zero."""
        return float(self._traits.scale[self._row])

    @property
    def tail(self) -> slice:
        """W: the last tenth of the steps made, at least 20, at most the second half."""
        return self._traits.tail

    @property
    def before_tail(self) -> slice:
        """As many steps as W has, or as there are, right before it."""
        return self._traits.before_tail

    @cached_property
    def tail_loss(self) -> float:
        """Mean loss over W."""
        return float(self._traits.tail_loss[self._row])

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
        return float(self._traits.tail_deviation[self._row])

    @cached_property
    def best_loss(self) -> float:
        """The smallest mean loss over as many successive steps as W has."""
        return float(self._traits.best_loss[self._row])

    @cached_property
    def highest_loss(self) -> float:
        """The largest loss of all steps that have one."""
        return float(self._traits.highest_loss[self._row])

    @cached_property
    def lowest_loss(self) -> float:
        """The smallest."""
        return float(self._traits.lowest_loss[self._row])

    @cached_property
    def highest_later_loss(self) -> float:
        """The largest after the first tenth of the steps."""
        return float(self._traits.highest_later_loss[self._row])

    @cached_property
    def is_descending(self) -> bool:
        """Whether W's loss is below that of the steps before it, by 1 % and beyond the noise."""
        return bool(self._traits.is_descending[self._row])

    @cached_property
    def is_falling(self) -> bool:
        """Whether it is below that of as many steps in the middle of the run, by as much."""
        return bool(self._traits.is_falling[self._row])

    @cached_property
    def smoothness(self) -> float:
        """How straight the loss went down, 0 to 1."""
        return float(self._traits.smoothness[self._row])

    @cached_property
    def tail_cosine(self) -> float:
        """Median cosine of successive gradients over W; 0 when it was not measured."""
        return float(self._traits.tail_cosine[self._row])

    @cached_property
    def tail_norm(self) -> float:
        """Median gradient norm over W."""
        return float(self._traits.tail_norm[self._row])

    @cached_property
    def is_always_clipped(self) -> bool:
        """Whether nearly every step of W was clipped."""
        return bool(self._traits.is_always_clipped[self._row])

    @cached_property
    def is_whole(self) -> bool:
        """Whether every loss, norm and update ratio is finite."""
        return bool(self._traits.is_whole[self._row])

    @property
    def spiked(self) -> NDArray[np.bool_]:
        """Where the loss jumped up, (n,)."""
        up: NDArray[np.bool_] = self._traits.spikes.up[self._row]
        return up

    @cached_property
    def has_spiked(self) -> bool:
        """Whether it did anywhere."""
        return bool(self._traits.has_spiked[self._row])

    @cached_property
    def may_have_jumped(self) -> bool:
        """Whether it was ever as far above the lowest of the steps before as a jump must be above all."""
        return bool(self._traits.may_have_jumped[self._row])

    @cached_property
    def first_to_last_gradient(self) -> float:
        """First layer's gradient norm over the last layer's, median over the last windows; NaN if unknown."""
        return float(self._traits.first_to_last_gradient[self._row])


def share_traits(runs: Sequence[TrainedRun], traits: Traits) -> None:
    """Tell runs of equal length that row k of `traits` is what run k would work out alone."""
    for row, run in enumerate(runs):
        vars(run).update(_traits=traits, _row=row)
