"""Outcomes by slow rules: from every step of a run that goes on four times as long, and a control at rest.

Written without `trainers.outcomes`, from the words of what each outcome means, with medians where that uses
means, and with knowledge that nobody has when a trial ends: its future, and the exact loss at its start.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from trainers.record import OutcomeName, TrialRecord

Floats = NDArray[np.float64]

TRAINED = 0.98
"""Half of the last losses of a trained run lie below this share of the start and of a constant answer."""
RISEN = 1.02
FLAT = 0.97
"""The last quarter must lie below this share of the quarter before it, or the run has ceased to descend."""
GIVEN_UP = 1.5
ALTERNATING = 0.8
"""Share of steps at which the loss turns; independent noise turns in two thirds of them."""
OPPOSED = -0.5
"""Mean cosine of successive gradients."""
BOUNCE = 0.02
"""A bounce moves the loss up and down by this share of its level at least."""
DEAD_LAYER = 1e-4
DEAD_NORM = 1e-6
DEAD_RISE = 1.5
"""A net without gradients in its layers may rise by what its biases do, not by more."""
SPIKE_DEVIATIONS = 8.0
SPIKE_RISE = 0.5
SPIKE_SHARE = 0.05
HALF_WINDOW = 25


@dataclass(frozen=True)
class LongRun:
    """Every step of a long run of which our rules saw the first quarter; `first_loss` from a run at rest."""

    record: TrialRecord
    num_planned: int
    first_loss: float
    chance: float | None

    @cached_property
    def loss(self) -> Floats:
        """Training loss of every step (n,)."""
        return self.record.curves.scalars["train_loss"].astype(np.float64)

    @property
    def quarter(self) -> int:
        """Steps that our rules saw."""
        return self.num_planned // 4

    @cached_property
    def end(self) -> float:
        """Median loss of the last quarter."""
        return float(np.median(self.loss[-self.quarter :]))

    def is_flat_since(self, quarter: int) -> bool:
        """Whether the last quarter is hardly below an earlier one, counted from 0."""
        steps = slice(quarter * self.quarter, (quarter + 1) * self.quarter)
        return self.end >= FLAT * float(np.median(self.loss[steps]))

    @property
    def has_trained(self) -> bool:
        """Whether it lies below its start, and below a constant answer or on the way there."""
        is_stuck = self.chance is not None and self.is_flat_since(1) and self.end > TRAINED * self.chance
        return self.end <= TRAINED * self.first_loss and not is_stuck


def slow_outcome(run: LongRun) -> OutcomeName:
    """The outcome of a long run."""
    if run.record.verdict.outcome == "failed":
        return "failed"
    if run.record.final["nonfinite"]:
        return "exploded"
    if len(run.loss) < run.num_planned:
        return "diverged"
    if run.end > RISEN * run.first_loss + _error(run):
        return "vanished" if _is_dead(run) and run.end < DEAD_RISE * run.first_loss else "diverged"
    if not run.has_trained:
        return _untrained(run)
    if _is_oscillating(run):
        return "oscillating"
    return "spiky" if _has_spikes(run) else "stable"


def _error(run: LongRun) -> float:
    """Two standard errors of the median of the last quarter."""
    last = run.loss[-run.quarter :]
    return float(2 * 1.25 * last.std() / np.sqrt(len(last)))


def _untrained(run: LongRun) -> OutcomeName:
    if _is_dead(run):
        return "vanished"
    blocks = _block_medians(run)
    has_given_up = blocks.min() < 0.8 * min(run.end, run.first_loss)
    return "oscillating" if has_given_up or _bounces(run) else "stalled"


def _is_dead(run: LongRun) -> bool:
    """Whether next to nothing reaches the first layer, or any layer, in most steps of the last quarter."""
    layers = run.record.curves.layers["grad_norm"][-run.quarter :].astype(np.float64)  # (quarter, L)
    reaches = layers[:, 0] > DEAD_LAYER * layers.max(axis=1)
    norms = run.record.curves.scalars["grad_norm"].astype(np.float64)
    is_gone = np.median(norms[-run.quarter :]) <= DEAD_NORM * np.median(norms[:10])
    return bool(is_gone or (layers.shape[1] > 1 and np.mean(reaches) < 0.5))


def _is_oscillating(run: LongRun) -> bool:
    if not run.is_flat_since(2):
        return False
    lost = run.end - float(_block_medians(run).min())
    has_given_up = run.end > GIVEN_UP * (run.end - lost) and lost > SPIKE_SHARE * run.first_loss
    return has_given_up or (_bounces(run) and run.end > 1e-4 * run.first_loss)


def _bounces(run: LongRun) -> bool:
    """Whether the loss goes up and down from step to step, or gradients point against each other."""
    last = run.loss[-run.quarter :]
    changes = np.diff(last)
    turns = float(np.mean(changes[1:] * changes[:-1] < 0))
    size = float(np.median(np.abs(changes))) / abs(run.end)
    cosine = float(np.nanmean(run.record.curves.scalars["grad_cosine"][-run.quarter :]))
    return size > BOUNCE and (turns > ALTERNATING or cosine < OPPOSED)


def _has_spikes(run: LongRun) -> bool:
    """Whether three losses in a row leave the level around them after a warm-up; one is a hard batch."""
    triples = np.median(np.lib.stride_tricks.sliding_window_view(run.loss, 3), axis=1)
    padded = np.pad(triples, HALF_WINDOW, mode="edge")
    windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * HALF_WINDOW + 1)  # (n, 51)
    level = np.median(windows, axis=1)
    deviation = 1.4826 * np.median(np.abs(windows - level[:, None]), axis=1)
    rise = triples - level
    is_spike = rise > np.maximum(SPIKE_DEVIATIONS * deviation, SPIKE_RISE * np.abs(level))
    is_spike &= rise > SPIKE_SHARE * run.first_loss
    is_spike |= triples > 2 * run.first_loss
    return bool(is_spike[run.quarter // 10 :].any())


def _block_medians(run: LongRun) -> Floats:
    """Medians of successive quarters of a quarter."""
    parts = np.array_split(run.loss, 16)
    return np.array([np.median(part) for part in parts])
