"""The section with a dense map: thousands of settings in one picture."""

from collections.abc import Sequence
from itertools import groupby

from markupsafe import Markup

from sweeps.analysis import DenseAxis, DenseMap, number_label
from sweeps.report.markup import el, figure, join
from sweeps.report.palette import PALETTE
from sweeps.report.scale import Scale
from sweeps.report.sections.base import ReportData, Section
from sweeps.report.svg import line, svg, text
from trainers.record import OutcomeName

SIDE = 560.0
"""Pixels of the longer side of the picture."""
LEFT, RIGHT, TOP, BOTTOM = 64.0, 10.0, 8.0, 40.0


def dense_map(data: ReportData) -> Section | None:
    """A fine grid of two numbers, coloured by outcome, and how rough the boundary in it is."""
    found = data.analysis.dense_map
    if found is None:
        return None
    drawing = figure(_drawing(found), "One tile a setting, coloured by how most of its seeds ended.")
    return Section("dense-map", "Every setting in one picture", _lead(found), drawing)


def _lead(found: DenseMap) -> str:
    sides = f"{len(found.column.values)} × {len(found.row.values)}"
    words = (
        f"{found.num_tiles:,} settings of {found.column.label} (across) and {found.row.label} (up), {sides}."
    )
    if found.boundary is None:
        return words
    largest = found.boundary.box_sizes[-1]
    return (
        f"{words} Counted in boxes of 1 to {largest} tiles, the boundary between stable and not has "
        f"dimension {number_label(found.boundary.dimension)}; a straight line would have 1, noise 2."
    )


def _drawing(found: DenseMap) -> Markup:
    columns, rows = len(found.column.values), len(found.row.values)
    tile = SIDE / max(columns, rows)
    width, height = columns * tile, rows * tile
    scale = f"translate({LEFT} {TOP + height:.1f}) scale({tile:.4f} {-tile:.4f})"
    tiles = el("g", join(_paths(found)), transform=scale, shape_rendering="crispEdges")
    label = f"Outcomes by {found.column.label} and {found.row.label}"
    ticks = [_x_axis(found.column, width, TOP + height), _y_axis(found.row, height)]
    return svg(LEFT + width + RIGHT, TOP + height + BOTTOM, label, tiles, *ticks)


def _paths(found: DenseMap) -> list[Markup]:
    """One path for each outcome, of a rectangle for each run of equal tiles in a row."""
    drawn: dict[OutcomeName, list[str]] = {}
    for y, row in enumerate(found.tiles):
        x = 0
        for outcome, run in groupby(row):
            length = len(list(run))
            if outcome is not None:
                drawn.setdefault(outcome, []).append(f"M{x} {y}h{length}v1h{-length}z")
            x += length
    return [
        el("path", el("title", name), d="".join(parts), fill=PALETTE[name].color)
        for name, parts in drawn.items()
    ]


def _x_axis(axis: DenseAxis, width: float, bottom: float) -> Markup:
    ticks = [
        line(at, bottom, at, bottom + 4, class_="grid") + text(at, bottom + 16, name, text_anchor="middle")
        for at, name in _ticks(axis, LEFT, LEFT + width)
    ]
    return join(
        [*ticks, text(LEFT + width / 2, bottom + 34, axis.label, text_anchor="middle", class_="title")]
    )


def _y_axis(axis: DenseAxis, height: float) -> Markup:
    ticks = [
        line(LEFT - 4, at, LEFT, at, class_="grid") + text(LEFT - 7, at + 4, name, text_anchor="end")
        for at, name in _ticks(axis, TOP + height, TOP)
    ]
    middle = TOP + height / 2
    turned = f"rotate(-90 12 {middle:.0f})"
    return join(
        [*ticks, text(12, middle, axis.label, text_anchor="middle", class_="title", transform=turned)]
    )


def _ticks(axis: DenseAxis, start: float, stop: float) -> Sequence[tuple[float, str]]:
    """Ticks in the middle of their tiles: values stand half a tile inside the picture."""
    inset = (stop - start) / len(axis.values) / 2
    return Scale(axis.values[0], axis.values[-1], start + inset, stop - inset, axis.is_log).ticks(8)
