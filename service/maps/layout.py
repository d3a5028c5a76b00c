"""Where each trial of a sweep lies on its map: learning rate across, clip rule down, the rest in panels."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from sweeps.analysis.labels import ABSENT, axis_labels
from sweeps.analysis.levels import Axis, make_axis
from sweeps.analysis.observation import LR_PATH, value_key

CLIP_PATH = "clip"
MOST_COLUMNS = 256
"""Different numbers on an axis that get a column each; more become bins."""

MOST_PANELS = 48
"""Panels of a map; the last axes are pooled until there are no more."""

Axes = Mapping[str, Any]


@dataclass(frozen=True)
class MapTrial:
    """What the map needs of a trial: what its axes are set to, its learning rate, and its horizon."""

    axes: Axes
    lr: float
    num_steps: int


@dataclass(frozen=True)
class MapRow:
    """One row of squares in panel `panel`; `num_steps` is the shortest horizon in it."""

    panel: int
    label: str
    num_steps: int


@dataclass(frozen=True)
class MapLayout:
    """A map without its outcomes. `places` gives each trial's square: row · number of columns + column.

    Rows are counted through all panels. `pooled` names the axes, seeds aside, whose values share squares.
    `has_edges` says whether columns are what edges lie along, so that rows have some.
    """

    x: Axis
    y: Axis
    panels: tuple[str, ...]
    rows: tuple[MapRow, ...]
    places: dict[int, int]
    pooled: tuple[str, ...]
    has_edges: bool

    @property
    def num_columns(self) -> int:
        """Squares in each row."""
        return max(len(self.x.levels), 1)


def lay_out(trials: Mapping[int, MapTrial], edge_path: str = LR_PATH) -> MapLayout:
    """The map of `trials` by number. Every trial has a square; axes of too many values are pooled.

    The axis at `edge_path`, along which rows have their edges, goes across.
    """
    settings = list({id(trial.axes): trial.axes for trial in trials.values()}.values())
    paths = _varied(settings)
    names = axis_labels(paths)
    axes = [make_axis(path, names[path], settings, most_numbers=MOST_COLUMNS) for path in paths]
    x = _take(axes, edge_path, key=lambda axis: (not axis.is_binned, axis.is_log, len(axis.levels)))
    y = _take(axes, CLIP_PATH, key=lambda axis: not axis.is_binned)
    kept = _panel_axes(axes, settings)
    places = _places(trials, kept, y, x)
    keys = sorted({place[:2] for place in places.values()})
    index = {key: row for row, key in enumerate(keys)}
    panels = [panel for panel, _ in groupby(keys, key=lambda key: key[0])]
    steps = _shortest(trials, places)
    rows = [MapRow(panels.index(key[0]), _row_label(y, key[1]), steps[key]) for key in keys]
    num_columns = max(len(x.levels), 1)
    return MapLayout(
        x=x,
        y=y,
        panels=tuple(_title(kept, panel) for panel in panels),
        rows=tuple(rows),
        places={number: index[place[:2]] * num_columns + place[2] for number, place in places.items()},
        pooled=tuple(axis.path for axis in axes if axis not in kept),
        has_edges=x.path == edge_path,
    )


Place = tuple[tuple[int, ...], int, int]
"""Levels of the panel axes, of the row and of the column."""


def _varied(settings: Sequence[Axes]) -> list[str]:
    """Paths that take more than one value, or exist for some trials only, in the order of the spec."""
    paths = list(dict.fromkeys(path for axes in settings for path in axes))
    seen = {path: {value_key(axes[path]) if path in axes else "" for axes in settings} for path in paths}
    return [path for path in paths if len(seen[path]) > 1] or paths[:1]


def _take(axes: list[Axis], preferred: str, key: Any) -> Axis:
    """The preferred axis, else the one with the largest `key`, taken out of `axes`; an empty one of none."""
    if not axes:
        return make_axis("", "", [])
    found = next((axis for axis in axes if axis.path == preferred), None) or max(axes, key=key)
    axes.remove(found)
    return found


def _panel_axes(axes: Sequence[Axis], settings: Sequence[Axes]) -> list[Axis]:
    """Axes that make panels. Bins make none: each panel would hold next to nothing."""
    kept = [axis for axis in axes if not axis.is_binned]
    while len({tuple(axis.index(setting) for axis in kept) for setting in settings}) > MOST_PANELS:
        kept.pop()
    return kept


def _places(trials: Mapping[int, MapTrial], kept: Sequence[Axis], y: Axis, x: Axis) -> dict[int, Place]:
    """Each trial's place; repeats share their axes, so that each setting is placed once."""
    known: dict[int, Place] = {}
    places = {}
    for number, trial in trials.items():
        if id(trial.axes) not in known:
            panel = tuple(axis.index(trial.axes) for axis in kept)
            known[id(trial.axes)] = (panel, _index(y, trial.axes), _index(x, trial.axes))
        places[number] = known[id(trial.axes)]
    return places


def _index(axis: Axis, setting: Axes) -> int:
    return axis.index(setting) if axis.levels else 0


def _shortest(trials: Mapping[int, MapTrial], places: Mapping[int, Place]) -> dict[tuple[Any, int], int]:
    steps: dict[tuple[Any, int], int] = {}
    for number, place in places.items():
        key, found = place[:2], trials[number].num_steps
        steps[key] = min(steps.get(key, found), found)
    return steps


def _row_label(y: Axis, level: int) -> str:
    return y.levels[level].label if y.levels else "all settings"


def _title(axes: Sequence[Axis], levels: Sequence[int]) -> str:
    found = [(axis, axis.levels[level]) for axis, level in zip(axes, levels, strict=True)]
    return "  ".join(f"{axis.label}={level.label}" for axis, level in found if level.label != ABSENT)
