"""Outcome maps: learning rate across, another axis down, a panel for every setting of the rest."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sweeps.analysis.axis_edges import AxisEdge, edge_along
from sweeps.analysis.cells import fewest_steps
from sweeps.analysis.edge_axis import EdgeAxis
from sweeps.analysis.edges import Edge, find_edge
from sweeps.analysis.labels import ABSENT
from sweeps.analysis.levels import Axis, Level, make_axis
from sweeps.analysis.observation import LR_PATH, Observation
from sweeps.analysis.points import Tally, lr_points, tally
from sweeps.analysis.yardstick import LR_YARDSTICK, Yardstick
from trainers.record import OutcomeName

MOST_PANELS = 24
"""Panels of one map; the last axes are pooled until a map has no more."""

PREFERRED_ROW = "clip"


@dataclass(frozen=True)
class MapRow:
    """One row: a tally per column, None where nothing was tried. `edge` is over all trials of the row.

    `num_cells` says how many cells lie in it; with more than one, its edge is that of their mixture.
    """

    label: str
    tiles: tuple[Tally | None, ...]
    edge: Edge | AxisEdge | None
    num_cells: int


@dataclass(frozen=True)
class MapPanel:
    """The rows for one setting of the panel axes; the title is empty when there is one panel."""

    title: str
    rows: tuple[MapRow, ...]


@dataclass(frozen=True)
class OutcomeMap:
    """One map. `pooled` names the axes whose values share a tile, besides the seeds.

    `edges` says what the edges of its rows are along: the learning rate, or the axis that an edge search was
    given. It is None where the columns are something else.
    """

    column: Axis
    row: Axis | None
    panel_axes: tuple[str, ...]
    pooled: tuple[str, ...]
    edges: Yardstick | None
    panels: tuple[MapPanel, ...]

    @property
    def is_over_lr(self) -> bool:
        """Whether the columns are learning rates."""
        return self.column.path == LR_PATH


def make_maps(
    trials: Sequence[Observation],
    axes: Sequence[Axis],
    edges: Mapping[str, Edge],
    along: EdgeAxis | None = None,
) -> tuple[OutcomeMap, ...]:
    """The map with a panel for every other setting, then one for each axis with the others pooled.

    `edges` are those of the cells, by `Observation.cell`; `along` is the axis that an edge search looked
    along instead, which then goes across.
    """
    if not trials:
        return ()
    lrs = _lr_axis(trials)
    varying = [axis for axis in (lrs, *axes) if len(axis.levels) > 1]
    column = _column(lrs, varying, along)
    varying = [axis for axis in varying if axis is not column]
    row = _row_axis(varying)
    others = [axis for axis in varying if axis is not row]
    rows = _Rows(column, edges, along if along is not None and along.path == column.path else None)
    maps = [_map(trials, rows, row, others)]
    if others:
        maps += [_map(trials, rows, axis, [], varying) for axis in varying]
    return tuple(maps)


def _column(lrs: Axis, varying: Sequence[Axis], along: EdgeAxis | None) -> Axis:
    """The axis with the edges, else the learning rate, else whichever can be told best."""
    wanted = LR_PATH if along is None else along.path
    found = next((axis for axis in varying if axis.path == wanted), None)
    if found is not None or not varying:
        return found or lrs
    return max(varying, key=lambda axis: (not axis.is_binned, axis.is_log, len(axis.levels)))


def _lr_axis(trials: Sequence[Observation]) -> Axis:
    return make_axis(LR_PATH, "lr", [{LR_PATH: trial.lr} for trial in trials])


def _row_axis(varying: Sequence[Axis]) -> Axis | None:
    """The clip rule, else the first axis with listed values, else the first."""
    preferred = [axis for axis in varying if axis.path == PREFERRED_ROW]
    listed = [axis for axis in varying if not axis.is_binned]
    return next(iter([*preferred, *listed, *varying]), None)


def _map(
    trials: Sequence[Observation],
    rows: "_Rows",
    row: Axis | None,
    panel_axes: Sequence[Axis],
    pooled_from: Sequence[Axis] = (),
) -> OutcomeMap:
    # A panel for each bin of a continuous axis would hold next to nothing.
    kept = [axis for axis in panel_axes if not axis.is_binned]
    while len(_settings(trials, kept)) > MOST_PANELS:
        kept.pop()
    pooled = [axis.path for axis in panel_axes if axis not in kept]
    pooled += [axis.path for axis in pooled_from if axis is not row]
    panels = [
        MapPanel(_title(kept, setting), rows.make(group, row))
        for setting, group in _settings(trials, kept).items()
    ]
    paths = tuple(axis.path for axis in kept)
    return OutcomeMap(rows.column, row, paths, tuple(pooled), rows.yardstick, tuple(panels))


def _settings(
    trials: Sequence[Observation], axes: Sequence[Axis]
) -> dict[tuple[int, ...], list[Observation]]:
    """Trials by their levels of `axes`, in the order of the levels."""
    groups: dict[tuple[int, ...], list[Observation]] = {}
    for trial in trials:
        place = trial.axes | {LR_PATH: trial.lr}
        groups.setdefault(tuple(axis.index(place) for axis in axes), []).append(trial)
    return dict(sorted(groups.items()))


def _title(axes: Sequence[Axis], setting: Sequence[int]) -> str:
    levels = [(axis, axis.levels[index]) for axis, index in zip(axes, setting, strict=True)]
    return "  ".join(f"{axis.label}={level.label}" for axis, level in levels if level.label != ABSENT)


@dataclass(frozen=True)
class _Rows:
    """Makes the rows of all maps over one column axis, and reuses the edges of the cells."""

    column: Axis
    edges: Mapping[str, Edge]
    along: EdgeAxis | None

    @property
    def yardstick(self) -> Yardstick | None:
        """What the edges of the rows are along; None where rows have none."""
        if self.along is not None:
            return self.along.yardstick
        return LR_YARDSTICK if self.column.path == LR_PATH else None

    def make(self, trials: Sequence[Observation], row: Axis | None) -> tuple[MapRow, ...]:
        if row is None:
            return (self._row("all settings", trials),)
        groups = _settings(trials, [row])
        return tuple(self._row(_row_label(row.levels[index]), group) for (index,), group in groups.items())

    def _row(self, label: str, trials: Sequence[Observation]) -> MapRow:
        tiles: dict[int, list[Observation]] = {}
        for trial in trials:
            tiles.setdefault(self.column.index(trial.axes | {LR_PATH: trial.lr}), []).append(trial)
        indices = range(len(self.column.levels))
        return MapRow(
            label=label,
            tiles=tuple(tally(tiles[index]) if index in tiles else None for index in indices),
            edge=self._edge(trials),
            num_cells=len({trial.cell for trial in trials}),
        )

    def _edge(self, trials: Sequence[Observation]) -> Edge | AxisEdge | None:
        if self.along is not None:
            return _edge_along(self.along, trials)
        if self.column.path != LR_PATH:
            return None
        cells = {trial.cell for trial in trials}
        if len(cells) == 1:
            return self.edges[cells.pop()]
        return find_edge(lr_points(trials), min(trial.num_steps for trial in trials), fewest_steps(trials))


def _edge_along(axis: EdgeAxis, trials: Sequence[Observation]) -> AxisEdge | None:
    outcomes: dict[float, list[OutcomeName]] = {}
    for trial in trials:
        if axis.path in trial.axes:
            outcomes.setdefault(float(trial.axes[axis.path]), []).append(trial.outcome)
    return edge_along(axis, outcomes, min(trial.num_steps for trial in trials)) if outcomes else None


def _row_label(level: Level) -> str:
    return "(not there)" if level.is_absent else level.label
