"""Edges along another axis than the learning rate, where an edge search looked for them there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sweeps.analysis.edge_axis import EdgeAxis
from sweeps.analysis.edges import EdgeStatus, find_edge
from sweeps.analysis.intervals import Interval
from sweeps.analysis.labels import count, number_label, own_values, setting_label
from sweeps.analysis.observation import value_key
from sweeps.analysis.points import LrPoint, tally_outcomes
from sweeps.analysis.yardstick import Side, Yardstick
from sweeps.ledger.base import TrialRow
from trainers.record import OutcomeName

NOTHING: Mapping[str, Any] = {}


@dataclass(frozen=True)
class AxisEdge:
    """The edge of one cell along `axis`: the `last_stable` value seen from the `stable` side, and the
    `first_unstable` one.

    `status` is that of `Edge`, with the stable side taken for small: `above_range` means stable to the far
    end. `estimate` is where P(stable) is one half, with its 95 % `interval`; None where there is no fit.
    """

    label: str
    axes: dict[str, Any]
    axis: str
    stable: Side
    status: EdgeStatus
    last_stable: float | None
    first_unstable: float | None
    outcome_beyond: OutcomeName | None
    estimate: float | None
    interval: Interval
    num_steps: int
    num_seeds: int
    num_values: int
    trials: tuple[int, ...]

    @property
    def bracket(self) -> str:
        """Last stable and first unstable value, for tables."""
        stable, broken = _label(self.last_stable), _label(self.first_unstable)
        return {
            "bracketed": f"{stable} | {broken}",
            "uncertain": f"uncertain, {stable} to {broken}",
            "above_range": f"stable to {stable}",
            "below_range": f"broken at {broken}",
            "none_stable": "none found",
            "no_data": "no data",
        }[self.status]

    def text(self) -> str:
        """One sentence with horizon and seeds."""
        seeds = count(self.num_seeds, "seed")
        return f"{self._finding()} ({self.num_steps} steps, at least {seeds} at the edge)"

    def _finding(self) -> str:
        stable, broken = _label(self.last_stable), _label(self.first_unstable)
        way, first, last = (
            ("up", "smallest", "largest") if self.stable == "below" else ("down", "largest", "smallest")
        )
        beyond = "the range" if self.first_unstable is None else broken
        return {
            "bracketed": f"stable {way} to {self.axis} {stable}, {self.outcome_beyond} at {broken}",
            "uncertain": f"P(stable) crosses ½ more than once between {self.axis} {stable} and {beyond}: an "
            "uncertain band, not a point",
            "above_range": f"stable {way} to the {last} {self.axis} tried, {stable}: the edge lies beyond",
            "below_range": f"{self.outcome_beyond} already at the {first} {self.axis} tried, {broken}",
            "none_stable": f"no {self.axis} was stable; the {first} tried ended {self.outcome_beyond}",
            "no_data": "no trial ended by itself",
        }[self.status]


@dataclass(frozen=True)
class AxisEdges:
    """The edges of all cells along one axis; training is stable on its `stable` side."""

    path: str
    label: str
    stable: Side
    yardstick: Yardstick
    edges: tuple[AxisEdge, ...]

    def text(self) -> str:
        """One sentence with the range of the edges, horizon and seeds."""
        ends = [edge.last_stable for edge in self.edges if edge.last_stable is not None]
        if not ends:
            return f"No {self.label} was stable in {_cells(self.edges)}."
        lo, hi = number_label(min(ends)), number_label(max(ends))
        where = lo if lo == hi else f"between {lo} and {hi}"
        steps = max(edge.num_steps for edge in self.edges)
        seeds = count(min(edge.num_seeds for edge in self.edges), "seed")
        return (
            f"The {self.yardstick.last_stable} is {where} over {_cells(self.edges)} ({steps} steps, at least "
            f"{seeds} at an edge)."
        )

    def cell_of(self, trial: int) -> int | None:
        """The index of the edge of the cell that a trial belongs to."""
        return self._cells.get(trial)

    @cached_property
    def _cells(self) -> dict[int, int]:
        return {trial: index for index, edge in enumerate(self.edges) for trial in edge.trials}


@dataclass(frozen=True)
class AxisDistance:
    """Where a trial lies on an axis with edges: the value it `used`, and the `edge` of its cell.

    `margin` is measured with the `yardstick`; None where the cell has no edge.
    """

    label: str
    stable: Side
    used: float
    edge: AxisEdge
    yardstick: Yardstick
    margin: float | None

    def text(self) -> str:
        """One sentence with the edge beside the value used."""
        edge, used = self.edge, number_label(self.used)
        horizon = f"({edge.num_steps} steps, at least {count(edge.num_seeds, 'seed')} at the edge)"
        if edge.last_stable is None or self.margin is None:
            return f"No {self.label} tried with these settings was stable {horizon}; you used {used}."
        fitted = ""
        if edge.estimate is not None:
            fitted = f" (edge at {number_label(edge.estimate)}, 95 % {edge.interval.label()})"
        return (
            f"The {self.yardstick.last_stable} here is {number_label(edge.last_stable)}{fitted}; you used "
            f"{used}, {self.yardstick.of_value(self.margin)} {horizon}."
        )


def distance_along(found: AxisEdges, row: TrialRow) -> AxisDistance | None:
    """Where a trial lies; None for one of a cell without an edge."""
    cell = found.cell_of(row.number)
    if cell is None:
        return None
    edge, used, ruler = found.edges[cell], float(row.axes[found.path]), found.yardstick
    margin = None if edge.last_stable is None else ruler.margin(edge.last_stable, used)
    return AxisDistance(found.label, found.stable, used, edge, ruler, margin)


def find_axis_edges(axis: EdgeAxis | None, trials: Sequence[TrialRow]) -> AxisEdges | None:
    """The edges along the axis that an edge search looked along; None for every other sweep."""
    if axis is None:
        return None
    groups: dict[str, list[TrialRow]] = {}
    for row in sorted(trials, key=lambda row: row.number):
        if axis.path in row.axes:
            groups.setdefault(value_key(_others(row, axis.path)), []).append(row)
    edges = tuple(_cell_edge(group, axis) for group in groups.values())
    return AxisEdges(axis.path, axis.label, axis.stable, axis.yardstick, edges)


def _cell_edge(rows: Sequence[TrialRow], axis: EdgeAxis) -> AxisEdge:
    outcomes: dict[float, list[OutcomeName]] = {}
    for row in rows:
        outcomes.setdefault(float(row.axes[axis.path]), []).append(row.record.verdict.outcome)
    num_steps = min(int(row.config["steps"]) for row in rows)
    return edge_along(
        axis, outcomes, num_steps, _others(rows[0], axis.path), tuple(row.number for row in rows)
    )


def edge_along(
    axis: EdgeAxis,
    outcomes: Mapping[float, Sequence[OutcomeName]],
    num_steps: int,
    others: Mapping[str, Any] = NOTHING,
    trials: tuple[int, ...] = (),
) -> AxisEdge:
    """The edge among outcomes by value; `others` is what else the cell was set to."""
    by_place = {axis.place(value): value for value in outcomes}
    points = [
        LrPoint(place, tally_outcomes(outcomes[by_place[place]]), None, None, None)
        for place in sorted(by_place)
    ]
    found = find_edge(points, num_steps)
    return AxisEdge(
        label=setting_label(others) if others else "all settings",
        axes=dict(others),
        axis=axis.label,
        stable=axis.stable,
        status=found.status,
        last_stable=None if found.lower is None else by_place[found.lower],
        first_unstable=None if found.upper is None else by_place[found.upper],
        outcome_beyond=found.outcome_above,
        estimate=None if found.fit is None else axis.value(found.fit.edge),
        interval=Interval(None, None) if found.fit is None else axis.interval(found.fit.interval),
        num_steps=found.num_steps,
        num_seeds=found.num_seeds,
        num_values=found.num_lrs,
        trials=trials,
    )


def _others(row: TrialRow, path: str) -> dict[str, Any]:
    return {name: value for name, value in own_values(row.axes).items() if name not in (path, "seed")}


def _cells(edges: Sequence[AxisEdge]) -> str:
    return count(len(edges), "cell")


def _label(end: float | None) -> str:
    return "–" if end is None else number_label(end)
