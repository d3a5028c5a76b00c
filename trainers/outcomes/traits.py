"""What the outcome rules look at, worked out for many runs at once."""

from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from trainers.outcomes import thresholds
from trainers.outcomes.smoothness import smoothness
from trainers.statistics.series import StepSeries
from trainers.statistics.spikes import Spikes, find_spikes, rolling_means

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


class Traits:
    """Traits of K runs of n steps each, arrays (K,) unless they say otherwise; made when first asked for.

    `TrainedRun` says what they mean. `series` holds (K, n) arrays, `layer_grad_norms` is (K, R, L).
    """

    def __init__(self, series: StepSeries, layer_grad_norms: Floats) -> None:
        self.series = series
        self.layer_grad_norms = layer_grad_norms

    @cached_property
    def num_unmoved(self) -> Ints:
        """Steps until the weights had moved, halved for as long as the loss has a trend in them."""
        path = np.nancumsum(self.series.update_ratio, axis=1)[:, :-1]
        counts: Ints = 1 + (path < thresholds.UNMOVED_PATH).sum(axis=1)
        may_trend = counts > 1
        while may_trend.any():
            for count in np.unique(counts[may_trend]):
                rows = np.flatnonzero(may_trend & (counts == count))
                trends = _has_trend(self.series.loss[rows, :count])
                counts[rows[trends]] //= 2
                may_trend[rows] = trends & (counts[rows] > 1)
        return counts

    @cached_property
    def initial_loss(self) -> Floats:
        """Mean loss of the first `num_unmoved` steps."""
        means = self.series.loss[:, 0].copy()
        for count in np.unique(self.num_unmoved):
            rows = self.num_unmoved == count
            means[rows] = self.series.loss[rows, :count].mean(axis=1)
        return means

    @cached_property
    def scale(self) -> Floats:
        """What changes of the loss are compared with."""
        return np.maximum(np.abs(self.initial_loss), thresholds.SMALLEST_LOSS)

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
    def tail_loss(self) -> Floats:
        """Mean loss over W."""
        return np.asarray(self.series.loss[:, self.tail].mean(axis=1))

    @cached_property
    def tail_deviation(self) -> Floats:
        """Standard deviation of the loss over W."""
        return np.asarray(self.series.loss[:, self.tail].std(axis=1))

    @cached_property
    def best_loss(self) -> Floats:
        """The smallest mean loss over as many successive steps as W has."""
        return np.asarray(rolling_means(self.series.loss, self.tail.stop - self.tail.start).min(axis=1))

    @cached_property
    def is_descending(self) -> Bools:
        """Whether W's loss is below that of the steps before it."""
        return self._has_fallen_since(self.before_tail)

    @cached_property
    def is_falling(self) -> Bools:
        """Whether it is below that of as many steps in the middle of the run."""
        middle = self.series.num_steps // 2
        return self._has_fallen_since(slice(middle, middle + self.tail.stop - self.tail.start))

    def _has_fallen_since(self, earlier: slice) -> Bools:
        before, last = self.series.loss[:, earlier], self.series.loss[:, self.tail]
        if not before.shape[1] or earlier.stop > self.tail.start:
            return np.zeros(len(before), np.bool_)
        start = before.mean(axis=1)
        needed = np.fmax(thresholds.DESCENDING * np.abs(start), _noise_of_change(before, last))
        return np.asarray(start - self.tail_loss > needed)

    @cached_property
    def highest_loss(self) -> Floats:
        """The largest loss of all steps that have one."""
        return np.asarray(np.fmax.reduce(self.series.loss, axis=1))

    @cached_property
    def lowest_loss(self) -> Floats:
        """The smallest."""
        return np.asarray(np.fmin.reduce(self.series.loss, axis=1))

    @cached_property
    def highest_later_loss(self) -> Floats:
        """The largest after the first steps, which may overshoot."""
        warm_up = self.series.num_steps // thresholds.WARM_UP_PART
        return np.asarray(np.fmax.reduce(self.series.loss[:, warm_up:], axis=1))

    @cached_property
    def tail_cosine(self) -> Floats:
        """Median cosine of successive gradients over W; 0 when it was not measured."""
        cosines = self.series.grad_cosine[:, self.tail]
        known = np.isfinite(cosines)
        medians = np.median(cosines, axis=1)
        for row in np.flatnonzero(~known.all(axis=1)):
            some = cosines[row, known[row]]
            medians[row] = np.median(some) if len(some) else 0.0
        return medians

    @cached_property
    def tail_norm(self) -> Floats:
        """Median gradient norm over W."""
        return np.asarray(np.median(self.series.grad_norm[:, self.tail], axis=1))

    @cached_property
    def is_always_clipped(self) -> Bools:
        """Whether nearly every step of W was clipped."""
        return np.asarray(self.series.clipped[:, self.tail].mean(axis=1) >= thresholds.ALWAYS_CLIPPED)

    @cached_property
    def is_whole(self) -> Bools:
        """Whether every loss, norm and update ratio is finite."""
        series = self.series
        must_be = (series.loss, series.grad_norm, series.weight_norm, series.update_ratio)
        return np.asarray(np.all([np.isfinite(values).all(axis=1) for values in must_be], axis=0))

    @cached_property
    def spikes(self) -> Spikes:
        """Where the loss jumped, (K, n)."""
        return find_spikes(self.series.loss)

    @cached_property
    def has_spiked(self) -> Bools:
        """Whether it jumped up anywhere."""
        return np.asarray(self.spikes.up.any(axis=1))

    @cached_property
    def may_have_jumped(self) -> Bools:
        """Whether the loss was ever as far as a jump must be above the lowest of the steps before it."""
        loss, width = self.series.loss, thresholds.MIN_TAIL_STEPS
        if loss.shape[1] <= width:
            return np.zeros(len(loss), np.bool_)
        lowest = loss[:, width - 1 : -1]
        for back in range(2, width + 1):
            lowest = np.minimum(lowest, loss[:, width - back : -back])
        far = loss[:, width:] - lowest >= thresholds.JUMP_OVER_START * self.scale[:, None]
        return np.asarray(far.any(axis=1))

    @cached_property
    def smoothness(self) -> Floats:
        """How straight the loss went down, 0 to 1."""
        return smoothness(self.series.loss)

    @cached_property
    def first_to_last_gradient(self) -> Floats:
        """First layer's gradient norm over the last layer's; NaN if unknown."""
        norms = self.layer_grad_norms
        if norms.size == 0 or norms.shape[2] < 2:
            return np.full(len(norms), np.nan)
        rows = norms[:, -max(1, norms.shape[1] // thresholds.TAIL_PART) :]
        with np.errstate(all="ignore"):
            return np.asarray(np.median(rows[:, :, 0] / rows[:, :, -1], axis=1))


def _noise_of_change(before: Floats, after: Floats) -> Floats:
    """What the difference of two means must exceed, for each row (K,)."""
    error = np.sqrt(before.var(axis=1) / before.shape[1] + after.var(axis=1) / after.shape[1])
    return np.asarray(thresholds.DESCENDING_ERRORS * error)


def _has_trend(loss: Floats) -> Bools:
    """Whether the halves of each row of `loss` (K, n) differ by 1 % and beyond the noise."""
    half = loss.shape[1] // 2
    first, second = loss[:, :half], loss[:, half:]
    start = first.mean(axis=1)
    needed = np.fmax(thresholds.DESCENDING * np.abs(start), _noise_of_change(first, second))
    return np.asarray(np.abs(start - second.mean(axis=1)) > needed)
