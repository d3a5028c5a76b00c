"""The edge of a cell: the learning rate at which P(stable) falls below one half."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Literal

from sweeps.analysis.fit import LogisticFit, fit_edge
from sweeps.analysis.labels import count, number_label
from sweeps.analysis.points import LrPoint
from sweeps.analysis.yardstick import Side
from trainers.record import OutcomeName

EdgeStatus = Literal["bracketed", "uncertain", "above_range", "below_range", "none_stable", "no_data"]

BREAKING: frozenset[OutcomeName] = frozenset({"exploded", "diverged", "oscillating", "spiky"})
"""Outcomes of a learning rate that is too large; stalled and vanished may as well come of one too small."""


@dataclass(frozen=True)
class Edge:
    """The largest stable learning rate as a bracket: stable at `lower`, not at `upper`.

    - `bracketed`: the crossing was seen in [lower, upper); the fit's interval says where it may lie.
    - `uncertain`: P(stable) crosses one half more than once in [lower, upper); `upper` is None when the
      largest learning rate was stable again.
    - `above_range`: stable up to the largest learning rate, `lower`.
    - `below_range`: broken already at the smallest, `upper`.
    - `none_stable`: nothing was stable, and the smallest learning rate did not break but made no progress.
    - `no_data`: no trial ended by itself.

    `lowest_stable` is where P(stable) first reaches one half, `outcome_above` the majority outcome where it
    is first lost, `num_steps` the horizon (`least_steps` where trials
    were stopped early), and `num_seeds` the fewest trials behind any end of the bracket.
    """

    status: EdgeStatus
    lower: float | None
    upper: float | None
    lowest_stable: float | None
    outcome_above: OutcomeName | None
    num_steps: int
    least_steps: int
    num_seeds: int
    num_lrs: int
    fit: LogisticFit | None

    @property
    def last_stable(self) -> float | None:
        """The lower end, as edges along other axes name it; training is stable `below` it."""
        return self.lower

    @property
    def first_unstable(self) -> float | None:
        """The upper end."""
        return self.upper

    @property
    def num_values(self) -> int:
        """Learning rates tried."""
        return self.num_lrs

    @property
    def stable(self) -> Side:
        """The side of the edge on which training is stable."""
        return "below"

    @property
    def bracket(self) -> str:
        """The bracket alone, for tables."""
        lower = "–" if self.lower is None else number_label(self.lower)
        upper = "beyond the range" if self.upper is None else number_label(self.upper)
        return {
            "bracketed": f"[{lower}, {upper})",
            "uncertain": f"uncertain, {lower} to {upper}",
            "above_range": f"≥ {lower}",
            "below_range": f"< {upper}",
            "none_stable": "none found",
            "no_data": "no data",
        }[self.status]

    @property
    def horizon(self) -> str:
        """The steps of its trials, from the fewest on where some were stopped early."""
        return (
            f"{self.least_steps} to {self.num_steps}"
            if self.least_steps < self.num_steps
            else f"{self.num_steps}"
        )

    def text(self) -> str:
        """One sentence with horizon and seeds."""
        return f"{self._finding()} ({self.horizon} steps, {count(self.num_seeds, 'seed')} per learning rate)"

    def _finding(self) -> str:
        if self.status == "bracketed":
            above = f"{self.outcome_above} at {self._label(self.upper)}"
            return f"stable up to lr {self._label(self.lower)}, {above}"
        if self.status == "uncertain":
            upper = "beyond the range" if self.upper is None else self._label(self.upper)
            return (
                f"P(stable) crosses ½ more than once between lr {self._label(self.lower)} and {upper}: "
                "an uncertain band, not a point"
            )
        if self.status == "above_range":
            return f"stable up to the largest lr tried, {self._label(self.lower)}: the edge lies above"
        if self.status == "below_range":
            return f"{self.outcome_above} already at the smallest lr tried, {self._label(self.upper)}"
        if self.status == "none_stable":
            return f"no lr was stable; the smallest tried ended {self.outcome_above}"
        return "no trial ended by itself"

    @staticmethod
    def _label(lr: float | None) -> str:
        return "–" if lr is None else number_label(lr)


@dataclass(frozen=True)
class Crossing:
    """Where P(stable) crosses one half, as points. `status` is that of the edge.

    `lower` holds and `broken`, the next point above it, does not: the first crossing. The last one lies
    between `last_stable` and `upper`; they are the same where P(stable) crosses once. `judged` are the points
    that count, in order.
    """

    status: EdgeStatus
    lowest_stable: LrPoint | None = None
    lower: LrPoint | None = None
    broken: LrPoint | None = None
    last_stable: LrPoint | None = None
    upper: LrPoint | None = None
    judged: Sequence[LrPoint] = ()


def find_crossing(points: Sequence[LrPoint]) -> Crossing:
    """The crossing among points sorted by learning rate.

    Left out are points where every trial failed, and points that are too slow: those below a stable learning
    rate whose only fault is that trials stalled.
    """
    known = [point for point in points if point.tally.num_trials]
    steady = [point for point in known if _holds(point)]
    if not steady:
        return _without_stable(known)
    judged = [point for point in known if not (point.lr < steady[-1].lr and _only_stalls(point))]
    holds = [_holds(point) for point in judged]
    start = holds.index(True)
    make = partial(Crossing, lowest_stable=steady[0], last_stable=steady[-1], judged=judged)
    if False not in holds[start:]:
        return make("above_range", lower=judged[-1])
    crossing = holds.index(False, start)
    last = len(holds) - 1 - holds[::-1].index(True)
    make = partial(make, lower=judged[crossing - 1], broken=judged[crossing])
    if last < crossing:
        return make("bracketed", upper=judged[crossing])
    return make("uncertain", upper=judged[last + 1] if last + 1 < len(judged) else None)


def find_edge(points: Sequence[LrPoint], num_steps: int, least_steps: int | None = None) -> Edge:
    """The edge among points sorted by learning rate, with a fitted curve where there is a crossing.

    `least_steps` is the fewest steps of a trial that did not break; without it, all made `num_steps`.
    """
    known = [point for point in points if point.tally.num_trials]
    found = find_crossing(known)
    fit = None
    if found.lower is not None and found.broken is not None:
        fit = fit_edge(_falling_side(found.judged, found.judged.index(found.broken)))
    return Edge(
        status=found.status,
        lower=found.lower.lr if found.lower else None,
        upper=found.upper.lr if found.upper else None,
        lowest_stable=found.lowest_stable.lr if found.lowest_stable else None,
        outcome_above=found.broken.tally.majority if found.broken else None,
        num_steps=num_steps,
        least_steps=num_steps if least_steps is None else least_steps,
        num_seeds=min((point.tally.num_trials for point in _ends(found) or known), default=0),
        num_lrs=len(known),
        fit=fit,
    )


def _holds(point: LrPoint) -> bool:
    return (point.tally.p_stable or 0.0) >= 0.5


def _only_stalls(point: LrPoint) -> bool:
    found = point.tally
    return found.num_stable < found.num_trials == found.num_stable + found.counts.get("stalled", 0)


def _ends(found: Crossing) -> list[LrPoint]:
    """The points between which the edge was found, or from which it lies outwards."""
    ends = (found.lower, found.broken, found.last_stable, found.upper)
    decisive = ends if found.broken else (found.lower,)
    return [point for point in decisive if point is not None]


def _without_stable(known: Sequence[LrPoint]) -> Crossing:
    if not known:
        return Crossing("no_data")
    if known[0].tally.majority in BREAKING:
        return Crossing("below_range", upper=known[0], broken=known[0], judged=known)
    return Crossing("none_stable", broken=known[0], judged=known)


def _falling_side(judged: Sequence[LrPoint], crossing: int) -> Sequence[LrPoint]:
    """From the start of the last most stable stretch below the crossing."""
    shares = [point.tally.p_stable or 0.0 for point in judged[:crossing]]
    highest = max(shares)
    start = max(index for index, share in enumerate(shares) if share == highest)
    while start > 0 and shares[start - 1] == shares[start]:
        start -= 1
    return judged[start:]
