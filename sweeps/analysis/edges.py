"""The edge of a cell: the learning rate at which P(stable) falls below one half."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from sweeps.analysis.fit import LogisticFit, fit_edge
from sweeps.analysis.labels import count, number_label
from sweeps.analysis.points import LrPoint
from trainers.record import OutcomeName

EdgeStatus = Literal["bracketed", "uncertain", "above_range", "below_range", "none_stable", "no_data"]

BREAKING: frozenset[OutcomeName] = frozenset({"exploded", "diverged", "oscillating", "spiky"})
"""Outcomes of a learning rate that is too large; stalled and vanished may as well come of one too small."""


@dataclass(frozen=True)
class Edge:
    """The largest stable learning rate as a bracket: stable at `lower`, not at `upper`.

    - `bracketed`: the crossing lies in [lower, upper).
    - `uncertain`: P(stable) crosses one half more than once in [lower, upper); `upper` is None when the
      largest learning rate was stable again.
    - `above_range`: stable up to the largest learning rate, `lower`.
    - `below_range`: broken already at the smallest, `upper`.
    - `none_stable`: nothing was stable, and the smallest learning rate did not break but made no progress.
    - `no_data`: no trial ended by itself.

    `lowest_stable` is where P(stable) first reaches one half, `outcome_above` the majority outcome where it
    is first lost, `num_steps` the horizon, and `num_seeds` the fewest trials behind any learning rate.
    """

    status: EdgeStatus
    lower: float | None
    upper: float | None
    lowest_stable: float | None
    outcome_above: OutcomeName | None
    num_steps: int
    num_seeds: int
    num_lrs: int
    fit: LogisticFit | None

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

    def text(self) -> str:
        """One sentence with horizon and seeds."""
        return (
            f"{self._finding()} ({self.num_steps} steps, {count(self.num_seeds, 'seed')} per learning rate)"
        )

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


def find_edge(points: Sequence[LrPoint], num_steps: int) -> Edge:
    """The edge among points sorted by learning rate; points where every trial failed are left out."""
    known = [point for point in points if point.tally.num_trials]
    holds = [(point.tally.p_stable or 0.0) >= 0.5 for point in known]
    if True not in holds:
        return _without_stable(known, num_steps)
    first = holds.index(True)
    if False not in holds[first:]:
        return _edge("above_range", known, num_steps, lower=known[-1], lowest=known[first])
    crossing = holds.index(False, first)
    last = len(holds) - 1 - holds[::-1].index(True)
    lowest, lower, broken = known[first], known[crossing - 1], known[crossing]
    if last < crossing:
        return _edge("bracketed", known, num_steps, lower, broken, lowest, broken)
    above = known[last + 1] if last + 1 < len(known) else None
    return _edge("uncertain", known, num_steps, lower, above, lowest, broken)


def _without_stable(known: Sequence[LrPoint], num_steps: int) -> Edge:
    if not known:
        return _edge("no_data", known, num_steps)
    if known[0].tally.majority in BREAKING:
        return _edge("below_range", known, num_steps, upper=known[0], broken=known[0])
    return _edge("none_stable", known, num_steps, broken=known[0])


def _edge(
    status: EdgeStatus,
    known: Sequence[LrPoint],
    num_steps: int,
    lower: LrPoint | None = None,
    upper: LrPoint | None = None,
    lowest: LrPoint | None = None,
    broken: LrPoint | None = None,
) -> Edge:
    return Edge(
        status=status,
        lower=lower.lr if lower else None,
        upper=upper.lr if upper else None,
        lowest_stable=lowest.lr if lowest else None,
        outcome_above=broken.tally.majority if broken else None,
        num_steps=num_steps,
        num_seeds=min((point.tally.num_trials for point in known), default=0),
        num_lrs=len(known),
        fit=fit_edge(_falling_side(known, lower)) if lower and broken else None,
    )


def _falling_side(known: Sequence[LrPoint], lower: LrPoint) -> Sequence[LrPoint]:
    """From the start of the last most stable stretch below the edge; what is slower may stall instead."""
    shares = [point.tally.p_stable or 0.0 for point in known]
    stop = known.index(lower) + 1
    top = max(shares[:stop])
    start = max(index for index in range(stop) if shares[index] == top)
    while start > 0 and shares[start - 1] == top:
        start -= 1
    return known[start:]
