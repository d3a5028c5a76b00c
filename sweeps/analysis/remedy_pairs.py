"""Cells that differ in one axis only: how far apart their edges lie, and their best objectives."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from sweeps.analysis.cells import Cell
from sweeps.analysis.intervals import Z_95
from sweeps.analysis.levels import Axis
from sweeps.analysis.observation import value_key

Bound = Literal["estimate", "at_least", "at_most"]


@dataclass(frozen=True)
class RemedyPair:
    """Two cells that differ in one axis only. `ratio` is the remedy's edge over the other's.

    `bound` says whether it is an estimate, or a bound because one edge lies beyond the range.
    `objective_ratio` is the best objective with the remedy over that without.
    """

    without: int
    with_remedy: int
    ratio: float
    log_error: float
    bound: Bound
    objective_ratio: float | None


def matched(cells: Sequence[Cell], axis: Axis) -> list[dict[int, Cell]]:
    """Cells by their level of the axis, a group for each setting of everything else."""
    groups: dict[str, dict[int, Cell]] = {}
    for cell in cells:
        others = {path: value for path, value in cell.axes.items() if not _is_of(path, axis.path)}
        groups.setdefault(value_key(others), {}).setdefault(axis.index(cell.axes), cell)
    return list(groups.values())


def _is_of(path: str, axis: str) -> bool:
    return path == axis or path.startswith(f"{axis}.")


def pair_up(group: Mapping[int, Cell], baseline: int, index: int, mode: str) -> RemedyPair | None:
    """The pair of two levels in a group of matched cells; None where a cell or its edge is missing."""
    if baseline not in group or index not in group or baseline == index:
        return None
    base, other = _place(group[baseline]), _place(group[index])
    if base is None or other is None or (base.is_open and other.is_open):
        return None
    bound: Bound = "at_least" if other.is_open else "at_most" if base.is_open else "estimate"
    return RemedyPair(
        without=group[baseline].number,
        with_remedy=group[index].number,
        ratio=math.exp(other.log_lr - base.log_lr),
        log_error=math.hypot(other.log_error, base.log_error),
        bound=bound,
        objective_ratio=_objective_ratio(group[baseline], group[index], mode),
    )


@dataclass(frozen=True)
class _Place:
    """Where an edge lies in log lr, with its standard error; open where it lies above the range."""

    log_lr: float
    log_error: float
    is_open: bool


def _place(cell: Cell) -> _Place | None:
    """From the fit where it has an interval, else from the bracket, taken as evenly likely throughout."""
    edge = cell.edge
    if edge.status == "above_range" and edge.lower is not None and edge.num_lrs > 1:
        return _Place(math.log(edge.lower), 0.0, is_open=True)
    fit = edge.fit
    if fit is not None and fit.interval.lo is not None and fit.interval.hi is not None:
        width = math.log(fit.interval.hi / fit.interval.lo)
        return _Place(math.log(fit.edge), width / (2 * Z_95), is_open=False)
    if edge.status == "bracketed" and edge.lower is not None and edge.upper is not None:
        width = math.log(edge.upper / edge.lower)
        return _Place(math.log(edge.lower) + width / 2, width / math.sqrt(12), is_open=False)
    return None


def _objective_ratio(without: Cell, with_remedy: Cell, mode: str) -> float | None:
    """Of the best objectives among settings whose seeds were all stable; None where they are not positive."""
    before, after = _best(without, mode), _best(with_remedy, mode)
    if before is None or after is None or min(before, after) <= 0:
        return None
    return after / before


def _best(cell: Cell, mode: str) -> float | None:
    found = [p.objective for p in cell.points if p.objective is not None and p.tally.p_stable == 1]
    if not found:
        return None
    return min(found) if mode == "min" else max(found)
