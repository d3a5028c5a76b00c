"""The sections with curves over the learning rate: P(stable), loss and its sensitivity, clipping."""

from collections.abc import Mapping, Sequence
from statistics import fmean

from markupsafe import Markup

from sweeps.analysis import Cell, number_label
from sweeps.report.chart import (
    BOTTOM,
    HEIGHT,
    LEFT,
    RIGHT,
    TOP,
    WIDTH,
    XY,
    Chart,
    series_color,
    series_dash,
    series_legend,
    small_multiples,
)
from sweeps.report.markup import el, join, table
from sweeps.report.panels import CellPanel, cell_panels, spread
from sweeps.report.scale import Scale, linear_scale, log_scale
from sweeps.report.sections.base import ReportData, Section
from sweeps.report.svg import line

MOST_PANELS = 12
MOST_CELLS = 200
SENSITIVITY_HEAD = (
    "setting",
    "sensitivity#",
    "single seeds#",
    "best lr#",
    "best loss#",
    "loss at initialisation#",
)


def p_stable(data: ReportData) -> Section | None:
    """Shares of stable seeds and the fitted fall, a chart for each panel of the map."""
    panels = cell_panels(data.analysis, MOST_PANELS)
    if not any(cell.edge.fit for panel in panels for cell in panel.cells):
        return None
    labels = _labels(panels)
    charts = [(panel.title, _p_stable_chart(panel, labels)) for panel in panels]
    lead = (
        "Dots: share of seeds that ended stable. Curve: fitted from the most stable learning rates upwards, "
        "since what is slower ends stalled. Bar at ½: the 95 % interval of the edge."
    )
    return Section("p-stable", "P(stable)", lead, join([series_legend(labels), small_multiples(charts)]))


def sensitivity(data: ReportData) -> Section | None:
    """Capped losses, a chart for each panel of the map, and the sensitivity of each cell."""
    cells = [cell for cell in data.analysis.cells if cell.sensitivity is not None][:MOST_CELLS]
    if not cells:
        return None
    panels = cell_panels(data.analysis, MOST_PANELS)
    labels = _labels(panels)
    charts = [(panel.title, _loss_chart(panel, labels)) for panel in panels]
    lead = (
        "How much loss a wrong learning rate costs: the mean over learning rates of min(ℓ(lr), ℓ₀) − ℓ*. "
        "Smaller is more forgiving. It holds for the range that was swept."
    )
    rows = table(SENSITIVITY_HEAD, [_sensitivity_row(cell) for cell in cells])
    return Section(
        "sensitivity", "LR sensitivity", lead, join([series_legend(labels), small_multiples(charts), rows])
    )


def clip_fractions(data: ReportData) -> Section | None:
    """How often clipping acted at each learning rate, for the cells in which it ever did."""
    shares = {row.number: row.record.final.get("clip_fraction") for row in data.trials}
    every = cell_panels(data.analysis, MOST_PANELS)
    panels = [panel for found in every if (panel := _clipping_cells(found, shares)).cells]
    if not panels:
        return None
    labels = _labels(every)  # so that a rule has the same colour as in the other sections
    charts = [(panel.title, _clip_chart(panel, labels, shares)) for panel in panels]
    lead = (
        "Share of the steps in which clipping changed the gradient, mean over seeds. A rule that always acts "
        "has become part of the learning rate."
    )
    body = join([series_legend(labels, _labels(panels)), small_multiples(charts)])
    return Section("clip-fraction", "How often clipping acted", lead, body)


def _clipping_cells(panel: CellPanel, shares: Mapping[int, float | None]) -> CellPanel:
    kept = [
        (label, cell)
        for label, cell in zip(panel.labels, panel.cells, strict=True)
        if any(share for _, share in _clip_points(cell, shares))
    ]
    return CellPanel(panel.title, tuple(label for label, _ in kept), tuple(cell for _, cell in kept))


def _clip_points(cell: Cell, shares: Mapping[int, float | None]) -> list[XY]:
    """Learning rate and mean share of clipped steps, where it was measured."""
    points = []
    for point in cell.points:
        found = [share for trial in point.tally.trials if (share := shares.get(trial)) is not None]
        if found:
            points.append((point.lr, fmean(found)))
    return points


def _clip_chart(panel: CellPanel, labels: list[str], shares: Mapping[int, float | None]) -> Markup:
    y = linear_scale([0.0, 1.0], HEIGHT - BOTTOM, TOP, pad=0.04)
    chart = Chart(_x_scale(panel), y, "learning rate", "share of steps", f"clipping by lr {panel.title}")
    marks = []
    for label, cell in zip(panel.labels, panel.cells, strict=True):
        index, points = labels.index(label), _clip_points(cell, shares)
        color = series_color(index)
        marks.append(chart.curve(points, color, label, stroke_dasharray=series_dash(index)))
        marks.append(chart.dots(points, color, 2))
    return chart.draw(*marks)


def _labels(panels: Sequence[CellPanel]) -> list[str]:
    return list(dict.fromkeys(label for panel in panels for label in panel.labels))


def _x_scale(panel: CellPanel) -> Scale:
    lrs = [point.lr for cell in panel.cells for point in cell.points]
    return log_scale(lrs, LEFT, WIDTH - RIGHT, pad=0.03)


def _p_stable_chart(panel: CellPanel, labels: list[str]) -> Markup:
    y = linear_scale([0.0, 1.0], HEIGHT - BOTTOM, TOP, pad=0.06)
    chart = Chart(
        _x_scale(panel), y, "learning rate", "P(stable)", f"P(stable) by learning rate {panel.title}"
    )
    marks = [
        _p_stable_marks(chart, cell, label, labels.index(label))
        for label, cell in zip(panel.labels, panel.cells, strict=True)
    ]
    return chart.draw(*marks)


def _p_stable_marks(chart: Chart, cell: Cell, label: str, index: int) -> Markup:
    color, lift = series_color(index), (index % 5 - 2) * 0.012
    known = [(point.lr, point.tally.p_stable) for point in cell.points]
    dots = chart.dots([(lr, share + lift) for lr, share in known if share is not None], color)
    fit = cell.edge.fit
    if fit is None:
        return dots
    lrs = spread(fit.from_lr, cell.points[-1].lr, 60)
    title = f"{label}: {cell.edge.text()}"
    curve = chart.curve(
        [(lr, fit.p_stable(lr)) for lr in lrs], color, title, stroke_dasharray=series_dash(index)
    )
    lo, hi = fit.interval.lo or chart.x.lo, fit.interval.hi or chart.x.hi
    at = chart.y(0.5 + lift)
    bar = line(chart.x(lo), at, chart.x(hi), at, stroke=color, class_="interval")
    return el("g", curve, bar, dots)


def _loss_chart(panel: CellPanel, labels: list[str]) -> Markup:
    curves = {
        label: [(point.lr, point.capped_loss) for point in cell.sensitivity.curve]
        for label, cell in zip(panel.labels, panel.cells, strict=True)
        if cell.sensitivity is not None
    }
    losses = [loss for points in curves.values() for _, loss in points]
    is_log = bool(losses) and min(losses) > 0 and max(losses) / min(losses) > 5
    y = (log_scale if is_log else linear_scale)(losses, HEIGHT - BOTTOM, TOP, pad=0.05)
    chart = Chart(
        _x_scale(panel), y, "learning rate", "capped final loss", f"loss by learning rate {panel.title}"
    )
    marks = []
    for label, points in curves.items():
        index = labels.index(label)
        marks.append(
            chart.curve(points, series_color(index), label, stroke_dasharray=series_dash(index))
            + chart.dots(points, series_color(index), 2)
        )
    return chart.draw(*marks)


def _sensitivity_row(cell: Cell) -> tuple[str, ...]:
    found = cell.sensitivity
    assert found is not None
    singles = "–"
    if found.lowest is not None and found.highest is not None:
        singles = f"{number_label(found.lowest)} to {number_label(found.highest)}"
    return (
        cell.label, number_label(found.value), singles, number_label(found.best_lr),
        number_label(found.best_loss), number_label(found.initial_loss),
    )  # fmt: skip
