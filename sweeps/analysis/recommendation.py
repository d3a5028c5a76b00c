"""The recommended setting: the best objective among settings that are stable with room to spare."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sweeps.analysis.cells import Cell
from sweeps.analysis.intervals import Interval
from sweeps.analysis.labels import count, number_label
from sweeps.analysis.points import LrPoint
from sweeps.analysis.reasons import reasons

REQUIRED_P_STABLE = 0.95
"""Share of a setting's seeds that must have ended stable."""

REQUIRED_MARGIN = 2.0
"""Factor in learning rate that must lie between a setting and its cell's edge."""

Finding = Literal[
    "found", "nothing_ended", "none_stable", "no_objective", "margin_unknown", "margin_too_small"
]


@dataclass(frozen=True)
class Candidate:
    """One setting with what speaks for it. `margin` is edge.lower / lr, a lower bound of the true margin.

    `margin` is None where the cell has no edge; `is_margin_open` where the edge lies above the range.
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
            parts.append(self._distance(self.margin))
        return ", ".join(parts)

    def _distance(self, margin: float) -> str:
        """Where the edge lies, seen from this setting."""
        if margin == 1:
            return "itself the largest stable lr tried"
        least = "at least " if self.is_margin_open else ""
        if margin > 1:
            return f"edge {least}{number_label(margin)}× above"
        return f"edge {number_label(1 / margin)}× below"


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
    required_p_stable: float = REQUIRED_P_STABLE,
    required_margin: float = REQUIRED_MARGIN,
) -> Recommendation:
    """Choose among all settings whose trials were not stopped early."""
    tried = [candidate(cell, point) for cell in cells for point in cell.points if point.tally.num_trials]
    steady = [c for c in tried if not c.num_partial and c.num_stable / c.num_trials >= required_p_stable]
    scored = _ranked([c for c in steady if c.objective is not None], mode)
    roomy = [c for c in scored if c.margin is not None and c.margin >= required_margin]
    best = roomy[0] if roomy else None
    runner_up = _runner_up(roomy)
    return Recommendation(
        finding=_finding(tried, steady, scored, roomy),
        best=best,
        runner_up=runner_up,
        nearest=None if best else _nearest(tried, steady, scored, mode),
        metric=metric,
        mode=mode,
        required_p_stable=required_p_stable,
        required_margin=required_margin,
        num_settings=len(tried),
        num_stable_enough=len(steady),
        num_with_margin=len(roomy),
        is_within_spread=_overlap(best, runner_up),
    )


def candidate(cell: Cell, point: LrPoint) -> Candidate:
    """One learning rate of a cell with what speaks for it."""
    edge = cell.edge
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
        margin=None if edge.lower is None or edge.num_lrs < 2 else edge.lower / point.lr,
        is_margin_open=edge.status == "above_range",
    )


def _ranked(candidates: Sequence[Candidate], mode: str) -> list[Candidate]:
    sign = 1 if mode == "min" else -1
    return sorted(candidates, key=lambda c: (sign * (c.objective or 0.0), c.cell, c.lr))


def _runner_up(roomy: Sequence[Candidate]) -> Candidate | None:
    """The best of another cell; the next learning rate only where there is no other cell."""
    others = [c for c in roomy if c.cell != roomy[0].cell]
    return next(iter([*others, *roomy[1:]]), None)


def _nearest(
    tried: Sequence[Candidate], steady: Sequence[Candidate], scored: Sequence[Candidate], mode: str
) -> Candidate | None:
    if scored:
        known = [c for c in scored if c.margin is not None and c.margin >= 1]
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
