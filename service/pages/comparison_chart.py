"""The edges of two sweeps, one row a setting, on a common logarithmic axis."""

from collections.abc import Sequence

from markupsafe import Markup

from service.pages.comparison import Pair
from sweeps.analysis.edges import Edge
from sweeps.report.markup import el
from sweeps.report.scale import Scale, log_scale
from sweeps.report.svg import line, svg, text

COLORS = ("#0072b2", "#d55e00")
"""Of the first and the second sweep, both readable on light and on dark paper."""

ROW, TOP, BOTTOM, RIGHT = 34.0, 8.0, 42.0, 24.0
WIDTH = 900.0
CHARACTER = 7.4
LONGEST = 44
MOST_ROWS = 80


def comparison_chart(pairs: Sequence[Pair]) -> Markup:
    """Brackets as bars, fitted edges as dots with 95 % intervals, the first sweep above the second."""
    shown = [pair for pair in pairs if any(_lrs(edge) for edge in (pair.a, pair.b))][:MOST_ROWS]
    if not shown:
        return Markup("")
    lrs = [lr for pair in shown for edge in (pair.a, pair.b) for lr in _lrs(edge)]
    left = min(max(len(pair.label) for pair in shown), LONGEST) * CHARACTER + 14
    scale = log_scale(lrs, left, WIDTH - RIGHT, pad=0.04)
    height = TOP + ROW * len(shown) + BOTTOM
    rows = [_row(pair, TOP + ROW * index, left, scale) for index, pair in enumerate(shown)]
    return svg(WIDTH, height, "edges of both sweeps", *_axis(scale, height), *rows)


def _lrs(edge: Edge | None) -> list[float]:
    if edge is None:
        return []
    return [lr for lr in (edge.lower, edge.upper, edge.fit.edge if edge.fit else None) if lr]


def _axis(scale: Scale, height: float) -> list[Markup]:
    bottom = height - BOTTOM
    ticks = [
        line(x, TOP, x, bottom, class_="grid") + text(x, bottom + 16, label, text_anchor="middle")
        for x, label in scale.ticks(8)
    ]
    middle = (scale.start + scale.stop) / 2
    return [*ticks, text(middle, height - 6, "learning rate", text_anchor="middle", class_="title")]


def _row(pair: Pair, top: float, left: float, scale: Scale) -> Markup:
    label = pair.label if len(pair.label) <= LONGEST else pair.label[: LONGEST - 1] + "…"
    marks = [
        _edge(edge, top + ROW * (0.33 + 0.34 * index), color, scale)
        for index, (edge, color) in enumerate(zip((pair.a, pair.b), COLORS, strict=True))
        if edge is not None
    ]
    name = el("g", el("title", pair.label), text(left - 14, top + ROW / 2 + 4, label, text_anchor="end"))
    return el("g", name, *marks)


def _edge(edge: Edge, y: float, color: str, scale: Scale) -> Markup:
    parts = [el("title", edge.text())]
    if _lrs(edge):
        lower = scale(edge.lower) if edge.lower else scale.start
        upper = scale(edge.upper) if edge.upper else scale.stop
        parts.append(
            el("rect", x=lower, y=y - 3.5, width=max(upper - lower, 2.0), height=7, fill=color, class_="span")
        )
    if edge.fit is not None:
        lo, hi = edge.fit.interval.lo or scale.lo, edge.fit.interval.hi or scale.hi
        parts.append(line(scale(lo), y, scale(hi), y, stroke=color, class_="whisker"))
        parts.append(el("circle", cx=scale(edge.fit.edge), cy=y, r=4, fill=color))
    return el("g", *parts)
