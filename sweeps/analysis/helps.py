"""What would have helped a trial that was not stable: settings of the same sweep that were."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from sweeps.analysis.axis_edges import AxisEdges
from sweeps.analysis.cells import Cell
from sweeps.analysis.labels import number_label
from sweeps.analysis.levels import Axis
from sweeps.analysis.points import LrPoint
from sweeps.analysis.recommendation import REQUIRED_P_STABLE, Candidate, candidate
from sweeps.analysis.remedy_pairs import matched

HelpKind = Literal["smaller_lr", "larger_lr", "other_value", "other_setting", "recommended"]

MOST_OTHER_SETTINGS = 3


@dataclass(frozen=True)
class Help:
    """A setting that was stable, and what to change to get there.

    - `smaller_lr`, `larger_lr`: another learning rate of the same cell.
    - `other_value`: another value of the axis that an edge search looked along.
    - `other_setting`: one axis changed, at the same learning rate or the next larger one that was tried.
    - `recommended`: what the sweep recommends over all.
    """

    kind: HelpKind
    change: str
    setting: Candidate
    metric: str

    def text(self) -> str:
        """What to change, and what came of it."""
        return f"{self.change}: {self.finding}"

    @property
    def finding(self) -> str:
        """Objective, stability and margin of the setting."""
        return self.setting.describe(self.metric)


def other_lr(cell: Cell, lr: float, metric: str, mode: str) -> tuple[Help, ...]:
    """The best stable learning rate of the same cell, with room to its edge where there is one."""
    steady = [candidate(cell, point) for point in cell.points if _is_steady(point) and point.lr != lr]
    best = _roomiest(steady, mode)
    if best is None:
        return ()
    kind: HelpKind = "smaller_lr" if best.lr < lr else "larger_lr"
    return (Help(kind, f"lr={number_label(best.lr)} instead of {number_label(lr)}", best, metric),)


def other_value(
    cell: Cell, point: LrPoint, cells: Sequence[Cell], along: AxisEdges, metric: str, mode: str
) -> tuple[Help, ...]:
    """The best stable value of the axis with the edges, the rest unchanged, with room to its edge."""
    home = along.cell_of(point.tally.trials[0])
    if home is None:
        return ()
    steady = [
        candidate(other, found, along)
        for other in cells
        for found in other.points
        if other is not cell and _is_steady(found) and along.cell_of(found.tally.trials[0]) == home
    ]
    best = _roomiest(steady, mode)
    if best is None:
        return ()
    value, own = (number_label(float(axes[along.path])) for axes in (best.axes, cell.axes))
    return (Help("other_value", f"{along.label}={value} instead of {own}", best, metric),)


def other_settings(
    cell: Cell, cells: Sequence[Cell], axes: Sequence[Axis], lr: float, metric: str, mode: str
) -> tuple[Help, ...]:
    """Cells that differ in one axis only and were stable at this learning rate, the best first."""
    found = []
    for axis in axes:
        if axis.is_binned or len(axis.levels) < 2:
            continue
        own = axis.levels[axis.index(cell.axes)].label
        for other in _neighbours(cell, cells, axis):
            setting = _stable_from(other, lr)
            if setting is not None:
                value = axis.levels[axis.index(other.axes)].label
                found.append(
                    Help("other_setting", _change(axis, value, own, setting.lr, lr), setting, metric)
                )
    sign = 1 if mode == "min" else -1
    found.sort(key=lambda item: (*_by_objective(item.setting, sign), -(item.setting.interval.lo or 0.0)))
    return tuple(found[:MOST_OTHER_SETTINGS])


def _neighbours(cell: Cell, cells: Sequence[Cell], axis: Axis) -> list[Cell]:
    groups = [group for group in matched(cells, axis) if cell in group.values()]
    return [other for group in groups for other in group.values() if other is not cell]


def _stable_from(cell: Cell, lr: float) -> Candidate | None:
    """The cell at `lr`, or where that was not tried at the next larger learning rate that was stable."""
    above = [point for point in cell.points if point.lr >= lr and point.tally.num_trials]
    lowest, largest = cell.edge.lowest_stable, cell.edge.lower
    if not above or not _is_steady(above[0]) or lowest is None or largest is None:
        return None
    return candidate(cell, above[0]) if lowest <= lr <= largest else None


def _change(axis: Axis, value: str, own: str, lr: float, used: float) -> str:
    at = "at the same lr" if lr == used else f"even at lr={number_label(lr)}"
    return f"{axis.label}={value} instead of {own}, {at}"


def _is_steady(point: LrPoint) -> bool:
    return not point.tally.num_partial and (point.tally.p_stable or 0.0) >= REQUIRED_P_STABLE


def _roomiest(steady: Sequence[Candidate], mode: str) -> Candidate | None:
    """The best with room to its edge, else the best."""
    roomy = [c for c in steady if c.margin is not None and c.margin >= c.yardstick.required]
    return _best(roomy, mode) or _best(steady, mode)


def _best(settings: Sequence[Candidate], mode: str) -> Candidate | None:
    sign = 1 if mode == "min" else -1
    return min(settings, key=lambda found: (*_by_objective(found, sign), found.lr), default=None)


def _by_objective(found: Candidate, sign: int) -> tuple[bool, float]:
    """Sorts the best objective first and a missing one last."""
    return (found.objective is None, sign * (found.objective or 0.0))
