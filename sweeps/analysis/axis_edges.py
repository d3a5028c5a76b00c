"""Edges along another axis than the learning rate, where an edge search looked for them there."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from sweeps.analysis.edges import EdgeStatus, find_edge
from sweeps.analysis.intervals import Interval
from sweeps.analysis.labels import axis_labels, count, number_label, own_values, setting_label
from sweeps.analysis.observation import LR_PATH, value_key
from sweeps.analysis.points import LrPoint, tally_outcomes
from sweeps.ledger.base import TrialRow
from sweeps.search.edge import EdgeSearch
from sweeps.search.scale import Scale
from trainers.record import OutcomeName

if TYPE_CHECKING:
    from sweeps.spec import SweepSpec  # needs torch, which MLflow's mirror does without

Side = Literal["below", "above"]

SPREAD = 10.0
"""The range of the axis as the fit sees it, in logarithms; its answer does not depend on it."""


@dataclass(frozen=True)
class AxisEdge:
    """The edge of one cell: the `last_stable` value seen from the stable side, and the `first_unstable` one.

    `status` is that of `Edge`, with the stable side taken for small: `above_range` means stable to the far
    end. `estimate` is where P(stable) is one half, with its 95 % `interval`; None where there is no fit.
    """

    label: str
    axes: dict[str, Any]
    status: EdgeStatus
    last_stable: float | None
    first_unstable: float | None
    outcome_beyond: OutcomeName | None
    estimate: float | None
    interval: Interval
    num_steps: int
    num_seeds: int
    num_values: int

    @property
    def bracket(self) -> str:
        """Last stable and first unstable value, for tables."""
        stable, broken = (
            "–" if end is None else number_label(end) for end in (self.last_stable, self.first_unstable)
        )
        return {
            "bracketed": f"{stable} | {broken}",
            "uncertain": f"uncertain, {stable} to {broken}",
            "above_range": f"stable to {stable}",
            "below_range": f"broken at {broken}",
            "none_stable": "none found",
            "no_data": "no data",
        }[self.status]


@dataclass(frozen=True)
class AxisEdges:
    """The edges of all cells along one axis; training is stable on its `stable` side."""

    path: str
    label: str
    stable: Side
    edges: tuple[AxisEdge, ...]

    def text(self) -> str:
        """One sentence with the range of the edges, horizon and seeds."""
        ends = [edge.last_stable for edge in self.edges if edge.last_stable is not None]
        if not ends:
            return f"No {self.label} was stable in {_cells(self.edges)}."
        up = "largest" if self.stable == "below" else "smallest"
        lo, hi = number_label(min(ends)), number_label(max(ends))
        where = lo if lo == hi else f"between {lo} and {hi}"
        steps = max(edge.num_steps for edge in self.edges)
        seeds = count(min(edge.num_seeds for edge in self.edges), "seed")
        return (
            f"The {up} stable {self.label} is {where} over {_cells(self.edges)} ({steps} steps, at least "
            f"{seeds} at an edge)."
        )


@dataclass(frozen=True)
class AxisDistance:
    """Where a trial lies on an axis with edges: the value it `used`, and the `edge` of its cell."""

    label: str
    stable: Side
    used: float
    edge: AxisEdge

    def text(self) -> str:
        """One sentence with the edge beside the value used."""
        edge, used = self.edge, number_label(self.used)
        horizon = f"({edge.num_steps} steps, at least {count(edge.num_seeds, 'seed')} at the edge)"
        if edge.last_stable is None:
            return f"No {self.label} tried with these settings was stable {horizon}; you used {used}."
        fitted = ""
        if edge.estimate is not None:
            fitted = f" (edge at {number_label(edge.estimate)}, 95 % {edge.interval.label()})"
        most = "largest" if self.stable == "below" else "smallest"
        return (
            f"The {most} stable {self.label} here is {number_label(edge.last_stable)}{fitted}; you used "
            f"{used} {horizon}."
        )


def distance_along(found: AxisEdges, row: TrialRow) -> AxisDistance | None:
    """Where a trial lies; None for one of a cell without an edge."""
    cell = value_key(_others(row, found.path))
    edge = next((edge for edge in found.edges if value_key(edge.axes) == cell), None)
    if edge is None or found.path not in row.axes:
        return None
    return AxisDistance(found.label, found.stable, float(row.axes[found.path]), edge)


def find_axis_edges(spec: "SweepSpec", trials: Sequence[TrialRow]) -> AxisEdges | None:
    """The edges that an edge search over another axis found; None for every other sweep."""
    search = spec.search
    if not isinstance(search, EdgeSearch) or search.axis == LR_PATH:
        return None
    scale = Scale.of(spec.axes[search.axis])
    if scale is None:
        return None
    line = _Line(scale, search.stable)
    groups: dict[str, list[TrialRow]] = {}
    for row in sorted(trials, key=lambda row: row.number):
        if search.axis in row.axes:
            groups.setdefault(value_key(_others(row, search.axis)), []).append(row)
    label = axis_labels(spec.axes)[search.axis]
    edges = tuple(_edge(group, search.axis, line) for group in groups.values())
    return AxisEdges(search.axis, label, search.stable, edges)


def _others(row: TrialRow, path: str) -> dict[str, Any]:
    return {name: value for name, value in own_values(row.axes).items() if name not in (path, "seed")}


def _edge(rows: Sequence[TrialRow], path: str, line: "_Line") -> AxisEdge:
    outcomes: dict[float, list[OutcomeName]] = {}
    for row in rows:
        outcomes.setdefault(float(row.axes[path]), []).append(row.record.verdict.outcome)
    by_place = {line.place(value): value for value in outcomes}
    points = [
        LrPoint(place, tally_outcomes(outcomes[by_place[place]]), None, None, None)
        for place in sorted(by_place)
    ]
    found = find_edge(points, min(int(row.config["steps"]) for row in rows))
    others = _others(rows[0], path)
    return AxisEdge(
        label=setting_label(others) if others else "all settings",
        axes=others,
        status=found.status,
        last_stable=None if found.lower is None else by_place[found.lower],
        first_unstable=None if found.upper is None else by_place[found.upper],
        outcome_beyond=found.outcome_above,
        estimate=None if found.fit is None else line.value(found.fit.edge),
        interval=Interval(None, None) if found.fit is None else line.interval(found.fit.interval),
        num_steps=found.num_steps,
        num_seeds=found.num_seeds,
        num_values=found.num_lrs,
    )


@dataclass(frozen=True)
class _Line:
    """The axis in positive places that grow away from its stable side, as `find_edge` expects them."""

    scale: Scale
    stable: Side

    def place(self, value: float) -> float:
        """Where a value lies."""
        share = self.scale.distance(self.scale.lo, value) / (self.scale.span or 1.0)
        return math.exp(SPREAD * (share if self.stable == "below" else -share))

    def value(self, place: float) -> float:
        """The value at a place, also beyond the ends of the range."""
        share = math.log(place) / SPREAD * (1 if self.stable == "below" else -1)
        distance = share * (self.scale.span or 1.0)
        return self.scale.lo * math.exp(distance) if self.scale.is_log else self.scale.lo + distance

    def interval(self, places: Interval) -> Interval:
        """An interval of places as one of values, the smaller end first."""
        lo, hi = (None if end is None else self.value(end) for end in (places.lo, places.hi))
        return Interval(lo, hi) if self.stable == "below" else Interval(hi, lo)


def _cells(edges: Sequence[AxisEdge]) -> str:
    return count(len(edges), "cell")
