"""Dense maps: a fine grid of two numbers, one tile a setting, and how rough the boundary of stability is."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from sweeps.analysis.levels import Axis, is_number, spans_decades
from sweeps.analysis.observation import LR_PATH, Observation
from trainers.record import OUTCOMES, OutcomeName

MIN_SIDE = 24
"""Different values along both axes from which letters in tiles are no longer read one by one."""

MOST_EMPTY = 15
"""Pairs that were not tried for each one that was; beyond that the points lie on no grid."""

MIN_BOX_SIZES = 3
"""Sizes of boxes that a dimension is fitted to; with fewer it says nothing."""

SMALLEST_GRID = 8
"""The largest boxes lie in a grid of so many each way; with fewer, it matters where in them a line runs."""

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class DenseAxis:
    """One side of a dense map: a setting and its values in ascending order."""

    path: str
    label: str
    values: tuple[float, ...]
    is_log: bool


@dataclass(frozen=True)
class Boundary:
    """The boundary between settings that end stable and those that do not.

    `box_sizes` are sides of boxes in tiles, `mixed_shares` the shares of boxes that hold both kinds of
    settings. `dimension` is 2 less the slope of the shares over the sizes on logarithmic scales: 1 for a
    smooth line, more where there is detail at every size.
    """

    box_sizes: tuple[int, ...]
    mixed_shares: tuple[float, ...]
    dimension: float


@dataclass(frozen=True)
class DenseMap:
    """`tiles[row][column]` is how most seeds of a setting ended, None where none has."""

    column: DenseAxis
    row: DenseAxis
    tiles: tuple[tuple[OutcomeName | None, ...], ...]
    boundary: Boundary | None

    @cached_property
    def num_tiles(self) -> int:
        """Settings that have ended."""
        return sum(tile is not None for row in self.tiles for tile in row)


def make_dense_map(trials: Sequence[Observation], axes: Sequence[Axis]) -> DenseMap | None:
    """The dense map of a sweep over two numbers; None when something else varies or the grid is coarse."""
    varying = [axis for axis in axes if axis.num_values > 1 or len(axis.levels) > 1]
    paths = [axis.path for axis in varying]
    if len({trial.lr for trial in trials}) > 1:
        paths.insert(0, LR_PATH)
    if len(paths) != 2:
        return None
    values = [[_value(trial, path) for trial in trials] for path in paths]
    if not all(is_number(value) for side in values for value in side):
        return None
    labels = {LR_PATH: "lr"} | {axis.path: axis.label for axis in varying}
    column, row = (
        _axis(path, labels[path], [float(value) for value in side])  # type: ignore[arg-type]
        for path, side in zip(paths, values, strict=True)
    )
    if min(len(column.values), len(row.values)) < MIN_SIDE:
        return None
    return _map(trials, column, row)


def find_boundary(is_stable: Mask) -> Boundary | None:
    """How rough the boundary in a grid (R, C) of settings is; None where there is none, or it is too small.

    A box of side s covers s + 1 settings each way, so that neighbouring boxes leave no gap between them.
    """
    sizes = [2**power for power in range(12) if 2**power <= min(is_stable.shape) // SMALLEST_GRID]
    shares = [_mixed_share(is_stable, size) for size in sizes]
    if len(sizes) < MIN_BOX_SIZES or min(shares) == 0:
        return None
    slope = np.polyfit(np.log(sizes), np.log(shares), 1)[0]
    return Boundary(tuple(sizes), tuple(shares), float(2 - slope))


def _value(trial: Observation, path: str) -> object:
    return trial.lr if path == LR_PATH else trial.axes.get(path)


def _axis(path: str, label: str, values: Sequence[float]) -> DenseAxis:
    ascending = sorted(set(values))
    return DenseAxis(path, label, tuple(ascending), spans_decades(ascending))


def _map(trials: Sequence[Observation], column: DenseAxis, row: DenseAxis) -> DenseMap | None:
    ended: dict[tuple[float, float], Counter[OutcomeName]] = {}
    for trial in trials:
        place = (float(_value(trial, row.path)), float(_value(trial, column.path)))  # type: ignore[arg-type]
        ended.setdefault(place, Counter())[trial.outcome] += 1
    num_pairs = len(row.values) * len(column.values)
    if num_pairs > (MOST_EMPTY + 1) * len(ended):
        return None
    most = {place: _most_frequent(outcomes) for place, outcomes in ended.items()}
    tiles = tuple(tuple(most.get((y, x)) for x in column.values) for y in row.values)
    is_whole = len(ended) == num_pairs
    return DenseMap(column, row, tiles, find_boundary(_stable_tiles(tiles)) if is_whole else None)


def _stable_tiles(tiles: Sequence[Sequence[OutcomeName | None]]) -> Mask:
    return np.array([[tile == "stable" for tile in row] for row in tiles])


def _most_frequent(outcomes: Mapping[OutcomeName, int]) -> OutcomeName:
    """The worse one of two that are equally frequent."""
    return max(outcomes, key=lambda name: (outcomes[name], OUTCOMES.index(name)))


def _mixed_share(is_stable: Mask, size: int) -> float:
    rows, columns = (range(0, (length - 1) // size * size, size) for length in is_stable.shape)
    boxes = [is_stable[y : y + size + 1, x : x + size + 1] for y in rows for x in columns]
    return sum(bool(box.any() and not box.all()) for box in boxes) / len(boxes)
