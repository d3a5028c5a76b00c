"""The outcome rules, in the order in which they are asked. Each gives its evidence, or None.

L₀ is the loss at initialisation, W the last tenth of the steps; every number stands in `thresholds`.
"""

from collections.abc import Callable
from math import sqrt

import numpy as np

from trainers.outcomes import thresholds
from trainers.outcomes.run import TrainedRun
from trainers.precision import SMALLEST_SCALE
from trainers.record import Evidence, OutcomeName, Phase

Rule = Callable[[TrainedRun], Evidence | None]

NORMAL_DEVIATION = 1.4826
"""Standard deviations in a median absolute deviation, for a normal distribution."""


def exploded(run: TrainedRun) -> Evidence | None:
    """A loss, gradient or parameter stopped being finite."""
    ending = run.ending
    if ending is not None and ending.kind == "exploded":
        scale, rule = ending.loss_scale, "non-finite value"
        if scale is None:
            return Evidence(rule, step=ending.step, layer=ending.layer, phase=ending.phase)
        rule = "gradient overflows at the smallest loss scale"
        return Evidence(rule, ending.step, scale, SMALLEST_SCALE, ending.layer, ending.phase)
    if run.is_whole:
        return None
    found = [(int(np.argmax(broken)), phase) for phase, broken in _broken(run) if broken.any()]
    if not found:
        return None
    step, phase = min(found, key=lambda place: place[0])  # of one step, the earlier phase
    return Evidence("non-finite value", step=step, phase=phase)


def diverged_for_good(run: TrainedRun) -> Evidence | None:
    """The loss rose so far that it does not come back."""
    limit = thresholds.DIVERGED_FACTOR * max(run.scale, thresholds.SMALLEST_FIRST_LOSS)
    is_beyond, ending = run.highest_loss > limit, run.ending
    if not is_beyond and (ending is None or ending.kind != "diverged"):
        return None
    step = int(np.argmax(run.series.loss > limit)) if is_beyond else run.series.num_steps - 1
    return Evidence("loss far above its start", step, float(run.series.loss[step]), limit)


def solved_from_its_start(run: TrainedRun) -> Evidence | None:
    """Nothing was left to learn: such a run is stable, though it makes no progress."""
    highest = max(run.highest_loss, -run.lowest_loss)
    if highest > thresholds.SMALLEST_LOSS:
        return None
    return Evidence("solved from its start", value=highest, threshold=thresholds.SMALLEST_LOSS)


def left_out(run: TrainedRun) -> Evidence | None:
    """No progress, since most updates were left out while the loss scale overflowed."""
    limit = thresholds.LEFT_OUT_SHARE * run.series.num_steps
    if run.num_left_out < limit or not _hardly_any_progress(run):
        return None
    return Evidence("loss scale overflows in most steps", value=float(run.num_left_out), threshold=limit)


def vanished(run: TrainedRun) -> Evidence | None:
    """Hardly any progress, and no gradient to make it with."""
    if not _hardly_any_progress(run):
        return None
    ratio = run.first_to_last_gradient
    if ratio <= thresholds.VANISHED_LAYER_RATIO:
        return Evidence(
            "gradient does not reach the first layer",
            step=run.series.num_steps - 1,
            value=ratio,
            threshold=thresholds.VANISHED_LAYER_RATIO,
            layer=run.layer_names[0],
        )
    norms = run.series.grad_norm
    limit = thresholds.VANISHED_NORM_RATIO * float(norms[0])
    has_converged = run.tail_norm > 0 and run.gain > thresholds.STALLED_IMPROVEMENT
    if has_converged or run.tail_norm > limit:
        return None
    return Evidence("gradient norm vanished", int(np.argmax(norms <= limit)), run.tail_norm, limit)


def diverged_back(run: TrainedRun) -> Evidence | None:
    """The run ends above its start, by more than the noise of a batch."""
    start = run.initial_loss
    error = sqrt(1 / run.num_unmoved + 1 / (run.tail.stop - run.tail.start))
    noise = thresholds.NOISE_DEVIATIONS * run.tail_deviation * error
    rise = _clamp(noise, thresholds.SMALLEST_RISE * run.scale, thresholds.CERTAIN_RISE * run.scale)
    if run.tail_loss < start + rise:
        return None
    return Evidence("ends above its start", run.tail.start, run.tail_loss, start + rise)


def oscillating(run: TrainedRun) -> Evidence | None:
    """Bounded, but bouncing instead of descending."""
    if run.is_solved or run.is_descending:
        return None
    limit = thresholds.CLIPPED_COSINE if run.is_always_clipped else thresholds.BOUNCING_COSINE
    is_on_its_way = run.is_falling and not run.is_always_clipped
    if run.tail_cosine <= limit and not is_on_its_way and _bounce_is_sustained(run):
        cosine = run.tail_cosine
        return Evidence("successive gradients point against each other", run.tail.start, cosine, limit)
    best = run.best_loss
    limit = best + max((thresholds.ABOVE_BEST - 1) * abs(best), thresholds.ABOVE_BEST_SHARE * run.scale)
    if run.tail_loss > limit:
        return Evidence("moves about far above its best", run.tail.start, run.tail_loss, limit)
    return None


def stalled(run: TrainedRun) -> Evidence | None:
    """No training took place: the loss is where it was, or where a constant prediction would be."""
    noise = thresholds.DESCENDING_ERRORS * run.tail_deviation / sqrt(run.tail.stop - run.tail.start)
    needed = _clamp(noise, thresholds.STALLED_IMPROVEMENT * run.scale, thresholds.CERTAIN_GAIN * run.scale)
    limit = run.initial_loss - needed
    if run.tail_loss > limit or run.never_moved:
        return Evidence("loss stays at its start", run.series.num_steps - 1, run.tail_loss, limit)
    chance = run.baseline_loss
    if chance is None or chance <= 0 or run.is_descending or run.is_falling:
        return None
    if run.initial_loss < thresholds.BAD_START * chance:
        return None
    if abs(run.tail_loss - chance) <= thresholds.CHANCE_MARGIN * chance:
        return Evidence("stuck at a constant prediction", run.series.num_steps - 1, run.tail_loss, chance)
    return None


def spiky(run: TrainedRun) -> Evidence | None:
    """Trained, but the loss jumped on the way."""
    if run.has_spiked or run.may_have_jumped:
        steps = np.union1d(_spikes_that_matter(run), _jumps(run))
        score = 100.0 * len(steps) / run.series.num_steps
        if len(steps) and score >= thresholds.SPIKY_SCORE:
            return Evidence("loss spikes", int(steps[0]), score, thresholds.SPIKY_SCORE)
    limit = run.initial_loss + (thresholds.PEAK_FACTOR - 1) * run.scale
    return _peak(run, limit) if run.highest_later_loss > limit else None


RULES: tuple[tuple[OutcomeName, Rule], ...] = (
    ("exploded", exploded),
    ("diverged", diverged_for_good),
    ("stable", solved_from_its_start),
    ("stalled", left_out),
    ("vanished", vanished),
    ("diverged", diverged_back),
    ("oscillating", oscillating),
    ("stalled", stalled),
    ("spiky", spiky),
)
"""Asked in this order; the first that applies gives the outcome, `stable` is what is left."""


def _broken(run: TrainedRun) -> tuple[tuple[Phase, np.ndarray], ...]:
    """Where (n,) each phase of a step gave something that is not finite, as far as the series tells."""
    series = run.series
    is_broken_update = ~np.isfinite(series.update_ratio) & (series.weight_norm > 0)
    is_broken_update[:-1] |= ~np.isfinite(series.weight_norm[1:])
    return (
        ("forward", ~np.isfinite(series.loss) | ~np.isfinite(series.weight_norm)),
        ("backward", ~np.isfinite(series.grad_norm)),
        ("update", is_broken_update),
    )


def _clamp(value: float, low: float, high: float) -> float:
    """`value`, or the end of the range that it lies beyond; NaN stays."""
    return low if value < low else high if value > high else value


def _hardly_any_progress(run: TrainedRun) -> bool:
    if run.gain <= -thresholds.CERTAIN_RISE:
        return False
    if run.gain <= thresholds.HARDLY_ANY_PROGRESS:
        return True
    chance = run.baseline_loss
    return chance is not None and run.tail_loss >= (1 - thresholds.STALLED_IMPROVEMENT) * chance > 0


def _bounce_is_sustained(run: TrainedRun) -> bool:
    """Whether the bouncing costs loss, and does not die out."""
    norms = run.series.grad_norm
    step_norms = run.series.update_ratio[run.tail] * run.series.weight_norm[run.tail]
    cost = float(np.median(norms[run.tail] * step_norms)) / 4
    dies_out = np.median(norms[run.tail]) < thresholds.DYING_OUT * np.median(norms[run.before_tail])
    return cost >= thresholds.BOUNCE_SHARE * abs(run.tail_loss) and not dies_out


def _spikes_that_matter(run: TrainedRun) -> np.ndarray:
    """Steps of spikes that stand out from the level before them and from the start."""
    loss = run.series.loss
    steps = np.flatnonzero(run.spiked)
    levels = np.array([np.median(loss[max(0, step - thresholds.MIN_TAIL_STEPS) : step]) for step in steps])
    needed = np.maximum(thresholds.SPIKE_OVER_LEVEL * np.abs(levels), thresholds.SPIKE_OVER_START * run.scale)
    kept: np.ndarray = steps[loss[steps] - levels >= needed] if len(steps) else steps
    return kept


def _jumps(run: TrainedRun) -> np.ndarray:
    """Steps after warm-up whose loss lies far above the few before it, by their median and its deviations."""
    loss, width = run.series.loss, thresholds.MIN_TAIL_STEPS
    rise = thresholds.JUMP_OVER_START * run.scale
    first = max(width, run.series.num_steps // thresholds.WARM_UP_PART)
    steps = first + np.flatnonzero(loss[first:] >= loss.min() + rise)
    if not len(steps):
        return steps
    windows = np.lib.stride_tricks.sliding_window_view(loss, width)[steps - width]  # (jumps, width)
    levels = np.median(windows, axis=1)
    deviations = NORMAL_DEVIATION * np.median(np.abs(windows - levels[:, None]), axis=1)
    kept: np.ndarray = steps[
        loss[steps] - levels >= np.maximum(thresholds.JUMP_DEVIATIONS * deviations, rise)
    ]
    return kept


def _peak(run: TrainedRun, limit: float) -> Evidence | None:
    """The highest mean of a few steps after warm-up, where it lies above `limit`."""
    warm_up = run.series.num_steps // thresholds.WARM_UP_PART
    peaks = _smoothed(run.series.loss[warm_up:], thresholds.PEAK_STEPS)
    if not peaks.max() > limit:
        return None
    step = warm_up + int(np.argmax(peaks))
    return Evidence("loss peaked above its start", step, float(peaks.max()), limit)


def _smoothed(values: np.ndarray, width: int) -> np.ndarray:
    width = min(width, len(values))
    smooth: np.ndarray = np.convolve(values, np.full(width, 1.0 / width), mode="valid")
    return smooth
