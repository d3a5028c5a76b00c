"""The stability map of a sweep: where each planned trial lies, learning rate across, clip rule down."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sweeps.analysis.labels import axis_labels
from sweeps.analysis.levels import Axis, make_axis
from sweeps.analysis.observation import LR_PATH, value_key

CLIP_PATH = "clip"
MAX_PANELS = 48

Axes = Mapping[str, Any]


@dataclass(frozen=True)
class MapRow:
    """One row of a panel: for each column the numbers of the trials that lie there."""

    label: str
    cells: tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class MapPanel:
    """One small map: everything but its two axes is fixed, as `label` says."""

    label: str
    rows: tuple[MapRow, ...]


@dataclass(frozen=True)
class StabilityMap:
    """Panels that share their columns and the meaning of their rows; `num_left_out` more are not shown."""

    x_label: str
    y_label: str
    columns: tuple[str, ...]
    panels: tuple[MapPanel, ...]
    num_left_out: int


def lay_out(trials: Mapping[int, Axes]) -> StabilityMap:
    """Where each trial lies, by its number and what its axes are set to.

    Learning rate goes across and clip rule down where the sweep varies them; what is left over makes panels.
    """
    assignments = list(trials.values())
    paths = _varied(assignments)
    names = axis_labels(paths)
    axes = [make_axis(path, names[path], assignments) for path in paths]
    x = _take(axes, LR_PATH) or make_axis("", "", assignments)
    y = _take(axes, CLIP_PATH) or make_axis("", "", assignments)
    panels: dict[tuple[int, ...], dict[tuple[int, int], list[int]]] = {}
    for number, assignment in trials.items():
        key = tuple(axis.index(assignment) for axis in axes)
        place = y.index(assignment), x.index(assignment)
        panels.setdefault(key, {}).setdefault(place, []).append(number)
    shown = sorted(panels.items())[:MAX_PANELS]
    return StabilityMap(
        x.label,
        y.label,
        tuple(level.label for level in x.levels),
        tuple(MapPanel(_panel_label(axes, key), _rows(cells, y, x)) for key, cells in shown),
        len(panels) - len(shown),
    )


def _varied(assignments: Sequence[Axes]) -> list[str]:
    """Paths that take more than one value, or exist for some trials only, in the order of the spec."""
    paths = list(dict.fromkeys(path for axes in assignments for path in axes))
    seen = {path: {value_key(axes[path]) if path in axes else "" for axes in assignments} for path in paths}
    return [path for path in paths if len(seen[path]) > 1] or paths[:1]


def _take(axes: list[Axis], preferred: str) -> Axis | None:
    """The preferred axis, else the first that is left; it is taken out of `axes`."""
    if not axes:
        return None
    paths = [axis.path for axis in axes]
    return axes.pop(paths.index(preferred) if preferred in paths else 0)


def _panel_label(axes: Sequence[Axis], key: Sequence[int]) -> str:
    return " · ".join(f"{axis.label} {axis.levels[i].label}" for axis, i in zip(axes, key, strict=True))


def _rows(cells: Mapping[tuple[int, int], list[int]], y: Axis, x: Axis) -> tuple[MapRow, ...]:
    used = {row for row, _ in cells}
    return tuple(
        MapRow(level.label, tuple(tuple(cells.get((row, column), ())) for column in range(len(x.levels))))
        for row, level in enumerate(y.levels)
        if row in used
    )
