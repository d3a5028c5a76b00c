"""The recommended setting: the best objective among settings that are stable with room to spare."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sweeps.analysis.axis_edges import AxisEdges
from sweeps.analysis.cells import Cell
from sweeps.analysis.intervals import Interval
from sweeps.analysis.labels import count, number_label
from sweeps.analysis.points import LrPoint
from sweeps.analysis.reasons import reasons
from sweeps.analysis.yardstick import LR_YARDSTICK, Yardstick

REQUIRED_P_STABLE = 0.95
"""Share of a setting's seeds that must have ended stable."""

Finding = Literal[
    "found", "nothing_ended", "none_stable", "no_objective", "margin_unknown", "margin_too_small"
]


@dataclass(frozen=True)
class Candidate:
    """One setting with what speaks for it. `margin` reaches to the last stable value of its cell.

    So it is a lower bound of the true margin. The `yardstick` says along which axis it was measured, and in
    what; `margin` is None where the cell has no edge, `is_margin_open` where the edge lies beyond the range.
    """

    cell: int
    label: str
    axes: dict[str, Any]
    lr: float
    trials: tuple[int, ...]
    num_stable: int
    num_trials: int
    num_partial: int
    interval: Interval
    objective: float | None
    objective_lo: float | None
    objective_hi: float | None
    margin: float | None
    is_margin_open: bool
    yardstick: Yardstick

    @property
    def name(self) -> str:
        """The setting on one line."""
        return f"lr={number_label(self.lr)}" + (f" {self.label}" if self.axes else "")

    def describe(self, metric: str) -> str:
        """Objective, stability and margin as half a sentence."""
        parts = []
        if self.objective is not None and self.objective_lo is not None and self.objective_hi is not None:
            spread = f" ({number_label(self.objective_lo)} to {number_label(self.objective_hi)} over seeds)"
            parts.append(f"{metric} {number_label(self.objective)}{spread if len(self.trials) > 1 else ''}")
        parts.append(
            f"stable in {self.num_stable} of {count(self.num_trials, 'seed')} "
            f"(95 % interval of P(stable) {self.interval.label()})"
        )
        if self.num_partial:
            parts.append(f"{self.num_partial} of them stopped early")
        if self.margin is not None:
            parts.append(self.yardstick.distance(self.margin, is_open=self.is_margin_open))
        return ", ".join(parts)


@dataclass(frozen=True)
class Recommendation:
    """What to use, or why nothing can be recommended. `nearest` is the best that missed a requirement.

    Settings are counted in order of the requirements: tried, stable enough, and those with margin enough too.
    """

    finding: Finding
    best: Candidate | None
    runner_up: Candidate | None
    nearest: Candidate | None
    metric: str
    mode: Literal["min", "max"]
    required_p_stable: float
    required_margin: float
    yardstick: Yardstick
    num_settings: int
    num_stable_enough: int
    num_with_margin: int
    is_within_spread: bool

    def text(self) -> str:
        """Two or three sentences, each made from the numbers above."""
        return " ".join(self.reasons)

    @property
    def reasons(self) -> tuple[str, ...]:
        """The sentences one by one."""
        return reasons(self)


def recommend(
    cells: Sequence[Cell],
    metric: str,
    mode: Literal["min", "max"],
    along: AxisEdges | None = None,
) -> Recommendation:
    """Choose among all settings whose trials were not stopped early.

    Margins are taken to edges `along` another axis where the sweep looked for them there.
    """
    yardstick = LR_YARDSTICK if along is None else along.yardstick
    tried = [
        candidate(cell, point, along) for cell in cells for point in cell.points if point.tally.num_trials
    ]
    steady = [c for c in tried if not c.num_partial and c.num_stable / c.num_trials >= REQUIRED_P_STABLE]
    scored = _ranked([c for c in steady if c.objective is not None], mode)
    roomy = [c for c in scored if c.margin is not None and c.margin >= yardstick.required]
    best = roomy[0] if roomy else None
    runner_up = _runner_up(roomy, along)
    return Recommendation(
        finding=_finding(tried, steady, scored, roomy),
        best=best,
        runner_up=runner_up,
        nearest=None if best else _nearest(tried, steady, scored, mode),
        metric=metric,
        mode=mode,
        required_p_stable=REQUIRED_P_STABLE,
        required_margin=yardstick.required,
        yardstick=yardstick,
        num_settings=len(tried),
        num_stable_enough=len(steady),
        num_with_margin=len(roomy),
        is_within_spread=_overlap(best, runner_up),
    )


def candidate(cell: Cell, point: LrPoint, along: AxisEdges | None = None) -> Candidate:
    """One learning rate of a cell with what speaks for it."""
    margin, is_open = _lr_margin(cell, point) if along is None else _axis_margin(cell, point, along)
    return Candidate(
        cell=cell.number,
        label=cell.label,
        axes=cell.axes,
        lr=point.lr,
        trials=point.tally.trials,
        num_stable=point.tally.num_stable,
        num_trials=point.tally.num_trials,
        num_partial=point.tally.num_partial,
        interval=point.tally.interval,
        objective=point.objective,
        objective_lo=point.objective_lo,
        objective_hi=point.objective_hi,
        margin=margin,
        is_margin_open=is_open,
        yardstick=LR_YARDSTICK if along is None else along.yardstick,
    )


def _lr_margin(cell: Cell, point: LrPoint) -> tuple[float | None, bool]:
    """How far the cell's edge is, and whether it lies above the range."""
    edge = cell.edge
    known = edge.lower is not None and edge.num_lrs > 1
    margin = LR_YARDSTICK.margin(edge.lower, point.lr) if known and edge.lower is not None else None
    return margin, edge.status == "above_range"


def _axis_margin(cell: Cell, point: LrPoint, along: AxisEdges) -> tuple[float | None, bool]:
    """The same along another axis, of whose values each makes a cell of its own."""
    number = along.cell_of(point.tally.trials[0])
    edge = None if number is None else along.edges[number]
    if edge is None or edge.last_stable is None or edge.num_values < 2:
        return None, False
    margin = along.yardstick.margin(edge.last_stable, float(cell.axes[along.path]))
    return margin, edge.status == "above_range"


def _ranked(candidates: Sequence[Candidate], mode: str) -> list[Candidate]:
    sign = 1 if mode == "min" else -1
    return sorted(candidates, key=lambda c: (sign * (c.objective or 0.0), c.cell, c.lr))


def _runner_up(roomy: Sequence[Candidate], along: AxisEdges | None) -> Candidate | None:
    """The best of another cell; the next value of the axis with the edge only where there is no other."""
    homes = [c.cell if along is None else along.cell_of(c.trials[0]) for c in roomy]
    others = [c for c, home in zip(roomy, homes, strict=True) if home != homes[0]]
    return next(iter([*others, *roomy[1:]]), None)


def _nearest(
    tried: Sequence[Candidate], steady: Sequence[Candidate], scored: Sequence[Candidate], mode: str
) -> Candidate | None:
    if scored:
        known = [c for c in scored if c.margin is not None and c.margin >= c.yardstick.at_edge]
        return known[0] if known else scored[0]
    if steady:
        return steady[0]
    ranked = _ranked([c for c in tried if c.objective is not None], mode)
    return max(ranked, key=lambda c: c.num_stable / c.num_trials, default=None)


def _finding(
    tried: Sequence[Candidate],
    steady: Sequence[Candidate],
    scored: Sequence[Candidate],
    roomy: Sequence[Candidate],
) -> Finding:
    if roomy:
        return "found"
    if not tried:
        return "nothing_ended"
    if not steady:
        return "none_stable"
    if not scored:
        return "no_objective"
    return "margin_unknown" if all(c.margin is None for c in scored) else "margin_too_small"


def _overlap(best: Candidate | None, other: Candidate | None) -> bool:
    """Whether the seeds' objectives of two settings overlap."""
    if best is None or other is None:
        return False
    ends = (best.objective_lo, best.objective_hi, other.objective_lo, other.objective_hi)
    lo, hi, other_lo, other_hi = (end if end is not None else 0.0 for end in ends)
    return lo <= other_hi and other_lo <= hi
