"""A dense map as a figure: one tile a setting, without letters."""

import numpy as np
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from sweeps.analysis import Analysis, DenseAxis, DenseMap, number_label
from sweeps.report.palette import PALETTE
from sweeps.report.png.canvas import new_figure
from sweeps.report.scale import Scale
from trainers.record import OUTCOMES

EMPTY = (1.0, 1.0, 1.0)
LONGER_SIDE_INCHES = 4.6


def dense_map_figure(analysis: Analysis) -> Figure | None:
    """The dense map; None for a sweep without one."""
    found = analysis.dense_map
    if found is None:
        return None
    columns, rows = len(found.column.values), len(found.row.values)
    inches = LONGER_SIDE_INCHES / max(columns, rows)
    figure = new_figure(columns * inches + 1.0, rows * inches + 1.2)
    axes = figure.subplots()
    axes.imshow(_colors(found), origin="lower", interpolation="nearest", aspect="equal")
    axes.set_xlabel(found.column.label, fontsize=8)
    axes.set_ylabel(found.row.label, fontsize=8)
    axes.set_xticks(*_ticks(found.column))
    axes.set_yticks(*_ticks(found.row))
    axes.tick_params(labelsize=7)
    if found.boundary is not None:
        words = f"boundary of stability: dimension {number_label(found.boundary.dimension)}"
        axes.set_title(words, loc="left", fontsize=8)
    names = [name for name in OUTCOMES if any(name in row for row in found.tiles)]
    patches = [Patch(color=PALETTE[name].color, label=name) for name in names]
    figure.legend(handles=patches, loc="outside lower center", ncols=4, fontsize=7, frameon=False)
    return figure


def _colors(found: DenseMap) -> np.ndarray:
    """Colours (rows, columns, 3), the lowest row first."""
    return np.array(
        [[EMPTY if name is None else to_rgb(PALETTE[name].color) for name in row] for row in found.tiles]
    )


def _ticks(axis: DenseAxis) -> tuple[list[float], list[str]]:
    """Places in tiles, counted from the middle of the first, and labels."""
    marks = Scale(axis.values[0], axis.values[-1], 0.0, len(axis.values) - 1.0, axis.is_log).ticks(7)
    return [at for at, _ in marks], [label for _, label in marks]
