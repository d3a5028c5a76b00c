"""P(stable) as a logistic curve in log learning rate, with an interval for where it crosses one half."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sweeps.analysis.intervals import CHI2_95, Interval
from sweeps.analysis.points import LrPoint

Vector = NDArray[np.float64]

NUM_EDGES = 201
NUM_SLOPES = 33
WIDEST = 8.0
"""The gentlest curve considered falls from 0.88 to 0.12 over this many times the range of log lr."""
STEEPEST = 40.0
"""The steepest curve does so over this fraction of the smallest gap between learning rates, inverted."""
MOST_POINTS = 100
"""Learning rates beyond which neighbours are merged before fitting; the curve does not notice."""


@dataclass(frozen=True)
class LogisticFit:
    """P(stable | lr) = 1 / (1 + (lr / edge)^slope), fitted from the most stable learning rates upwards.

    Penalised maximum likelihood (Firth 1993, Biometrika 80:27: Jeffreys' prior), which exists for separable
    data too, and the profile of the penalised likelihood for the interval (Heinze and Schemper 2002,
    Stat. Med. 21:2409).
    """

    edge: float
    interval: Interval
    slope: float
    from_lr: float
    num_lrs: int
    num_trials: int

    @property
    def fall(self) -> float:
        """The factor in lr over which P(stable) falls from 0.9 to 0.1."""
        return math.exp(min(2 * math.log(9) / self.slope, 700.0))

    def p_stable(self, lr: float) -> float:
        """The curve at a learning rate."""
        exponent = self.slope * (math.log(lr) - math.log(self.edge))
        return 1 / (1 + math.exp(min(exponent, 700.0)))


def fit_edge(points: Sequence[LrPoint]) -> LogisticFit | None:
    """Fit points sorted by learning rate.

    None with fewer than two of them, when all trials ended alike, and when no side of the edge is bounded.
    """
    used = [point for point in points if point.tally.num_trials]
    num_stable = sum(point.tally.num_stable for point in used)
    num_trials = sum(point.tally.num_trials for point in used)
    if len(used) < 2 or num_stable in (0, num_trials):
        return None
    x, hits, totals = _merged(used)
    span = x[-1] - x[0]
    edges = np.linspace(x[0] - span / 2, x[-1] + span / 2, NUM_EDGES)
    for _ in range(2):  # the second time where the first found the edge: points may lie far closer than 1/200
        profile, slopes = _profile(x, hits, totals, edges)
        best = int(np.argmax(profile))
        inside = profile >= profile[best] - CHI2_95 / 2
        looked_at, edges = edges, _closer(edges, inside)
    edges = looked_at
    edge = _peak(edges, profile, best)
    interval = Interval(_crossing(edges, profile, inside, -1), _crossing(edges, profile, inside, 1))
    if interval == Interval(None, None):
        return None
    return LogisticFit(
        edge=math.exp(edge),
        interval=interval,
        slope=float(slopes[best]),
        from_lr=used[0].lr,
        num_lrs=len(used),
        num_trials=num_trials,
    )


def _closer(edges: Vector, inside: NDArray[np.bool_]) -> Vector:
    """As many edges (E,), over the part that is inside and one step beyond."""
    held = np.flatnonzero(inside)
    return np.linspace(edges[max(held[0] - 1, 0)], edges[min(held[-1] + 1, len(edges) - 1)], len(edges))


def _profile(x: Vector, hits: Vector, totals: Vector, edges: Vector) -> tuple[Vector, Vector]:
    """Of edges (E,): the penalised log-likelihood at the best slope (E,), and that slope (E,)."""
    span = x[-1] - x[0]
    gap = float(np.diff(x).min())
    slopes = np.geomspace(4 / (WIDEST * span), STEEPEST / gap, NUM_SLOPES)
    likelihood = np.stack([_penalised(x, hits, totals, edges, slope) for slope in slopes])  # (S, E)
    best = likelihood.argmax(axis=0)
    return likelihood.max(axis=0), slopes[best]


def _penalised(x: Vector, hits: Vector, totals: Vector, edges: Vector, slope: float) -> Vector:
    """Log-likelihood plus half the log-determinant of the information about (intercept, slope), (E,)."""
    logits = -slope * (x - edges[:, None])  # (E, lrs)
    log_p = -np.logaddexp(0, -logits)
    log_q = log_p - logits
    weights = totals * np.exp(log_p + log_q)
    centred = x - x.mean()
    s0, s1, s2 = weights.sum(axis=1), (weights * centred).sum(axis=1), (weights * centred**2).sum(axis=1)
    information = np.maximum(s0 * s2 - s1**2, 1e-300)
    likelihood: Vector = (hits * log_p + (totals - hits) * log_q).sum(axis=1) + np.log(information) / 2
    return likelihood


def _merged(points: Sequence[LrPoint]) -> tuple[Vector, Vector, Vector]:
    """Log learning rates, stable trials and trials, with neighbours merged where there are very many."""
    x = np.log([point.lr for point in points])
    hits = np.array([point.tally.num_stable for point in points], float)
    totals = np.array([point.tally.num_trials for point in points], float)
    if len(x) <= MOST_POINTS:
        return x, hits, totals
    groups = np.array_split(np.arange(len(x)), MOST_POINTS)
    return (
        np.array([x[group].mean() for group in groups]),
        np.array([hits[group].sum() for group in groups]),
        np.array([totals[group].sum() for group in groups]),
    )


def _peak(edges: Vector, profile: Vector, best: int) -> float:
    """The top of the parabola through the best edge and its neighbours."""
    if best in (0, len(edges) - 1):
        return float(edges[best])
    left, top, right = profile[best - 1 : best + 2]
    bend = left - 2 * top + right
    shift = 0.0 if bend >= 0 else 0.5 * (left - right) / bend
    return float(edges[best] + shift * (edges[1] - edges[0]))


def _crossing(edges: Vector, profile: Vector, inside: NDArray[np.bool_], side: int) -> float | None:
    """Where the profile leaves the interval on one side, interpolated; None when it never does."""
    held = np.flatnonzero(inside)
    last = int(held[0] if side < 0 else held[-1])
    if last in (0, len(edges) - 1):
        return None
    level = profile.max() - CHI2_95 / 2
    drop = profile[last] - profile[last + side]
    share = (profile[last] - level) / drop if drop > 0 else 0.0
    return math.exp(float(edges[last] + share * (edges[last + side] - edges[last])))
