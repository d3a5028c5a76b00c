"""Edges drawn beside each other: one line for each cell on a common logarithmic axis."""

from collections.abc import Sequence

from markupsafe import Markup

from sweeps.analysis import Cell, Edge
from sweeps.report.markup import el
from sweeps.report.scale import Scale, log_scale
from sweeps.report.svg import line, svg, text

ROW, TOP, BOTTOM, LEFT, RIGHT = 32, 4, 42, 10, 16
WIDTH = 600
LONGEST_LABEL = 80
MOST_ROWS = 60


def edge_chart(cells: Sequence[Cell]) -> Markup:
    """Brackets as bars, fitted edges as dots with 95 % intervals; arrows point out of the range."""
    shown = [cell for cell in cells if cell.edge.lower is not None or cell.edge.upper is not None][:MOST_ROWS]
    if not shown:
        return Markup("")
    height = TOP + ROW * len(shown) + BOTTOM
    lrs = [point.lr for cell in shown for point in cell.points]
    scale = log_scale(lrs, LEFT, WIDTH - RIGHT, pad=0.02)
    rows = [_row(cell, TOP + ROW * index, scale) for index, cell in enumerate(shown)]
    return svg(WIDTH, height, "largest stable learning rate of each cell", _axis(scale, height), *rows)


def _axis(scale: Scale, height: float) -> Markup:
    bottom = height - BOTTOM
    ticks = [
        line(x, TOP, x, bottom, class_="grid") + text(x, bottom + 16, label, text_anchor="middle")
        for x, label in scale.ticks(8)
    ]
    middle = (scale.start + scale.stop) / 2
    return Markup("").join([*ticks, text(middle, height - 6, "learning rate", text_anchor="middle")])


def _row(cell: Cell, top: float, scale: Scale) -> Markup:
    """The setting's name, and its edge below: beside it, long names would leave no room on a phone."""
    edge, y = cell.edge, top + 23
    label = cell.label if len(cell.label) <= LONGEST_LABEL else cell.label[: LONGEST_LABEL - 1] + "…"
    parts = [el("title", f"{cell.label}: {edge.text()}"), text(LEFT, top + 12, label, class_="halo")]
    return el("g", *parts, *_bracket(edge, y, scale), *_fitted(edge, y, scale))


def _bracket(edge: Edge, y: float, scale: Scale) -> list[Markup]:
    if edge.status == "above_range" and edge.lower is not None:
        return [_arrow(scale(edge.lower), y, 1)]
    if edge.status == "below_range" and edge.upper is not None:
        return [_arrow(scale(edge.upper), y, -1)]
    start = scale(edge.lower if edge.lower is not None else scale.lo)
    stop = scale(edge.upper if edge.upper is not None else scale.hi)
    kind = "bracket" if edge.status == "bracketed" else "bracket band"
    return [el("rect", x=start, y=y - 5, width=max(stop - start, 2.0), height=10, rx=2, class_=kind)]


def _fitted(edge: Edge, y: float, scale: Scale) -> list[Markup]:
    if edge.fit is None:
        return []
    lo, hi = edge.fit.interval.lo or scale.lo, edge.fit.interval.hi or scale.hi
    return [
        line(scale(lo), y, scale(hi), y, class_="whisker"),
        el("circle", cx=scale(edge.fit.edge), cy=y, r=3.5, class_="dot"),
    ]


def _arrow(x: float, y: float, side: int) -> Markup:
    tip = x + side * 14
    points = f"{tip:.1f},{y:.1f} {tip - side * 7:.1f},{y - 5:.1f} {tip - side * 7:.1f},{y + 5:.1f}"
    return line(x, y, tip, y, class_="whisker") + el("polygon", points=points, class_="dot")
