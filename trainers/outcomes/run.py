"""What the outcome rules look at."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from trainers.outcomes import thresholds
from trainers.outcomes.ending import Ending
from trainers.statistics.series import StepSeries
from trainers.statistics.spikes import spikes

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class TrainedRun:
    """One trial's statistics, with what is needed to judge them; from any training loop.

    layer_grad_norms: (R, L) gradient norms per report window and layer, in forward order; may be empty.
    baseline_loss: loss of the best constant prediction, where it is known: a run that ends there learned
    nothing from its inputs, however bad its start was.
    """

    series: StepSeries
    num_steps_planned: int
    ending: Ending | None
    layer_names: tuple[str, ...]
    layer_grad_norms: Floats
    baseline_loss: float | None = None

    @property
    def initial_loss(self) -> float:
        """L₀: the loss of the first step, before any update."""
        return float(self.series.loss[0])

    @cached_property
    def tail(self) -> slice:
        """W: the last tenth of the steps made, at least 20, or all there are."""
        n = self.series.num_steps
        return slice(n - min(n, max(thresholds.MIN_TAIL_STEPS, n // thresholds.TAIL_PART)), n)

    @cached_property
    def tail_loss(self) -> float:
        """Mean loss over W."""
        return float(self.series.loss[self.tail].mean())

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
            ratios = rows[:, 0] / rows[:, -1]
        return float(np.median(ratios))
