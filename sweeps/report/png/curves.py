"""Curves over the learning rate: P(stable) with its fit, and the loss that LR sensitivity averages."""

from collections.abc import Callable

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sweeps.analysis import Analysis, Cell, number_label
from sweeps.report.palette import SERIES
from sweeps.report.panels import CellPanel, cell_panels, spread
from sweeps.report.png.canvas import new_figure, plain_axes

MOST_PANELS = 12
PANEL_INCHES = (3.6, 2.5)
STYLES = ("-", "--", ":", "-.")


def p_stable_figure(analysis: Analysis) -> Figure | None:
    """Shares of stable seeds with 95 % intervals, and the fitted curves."""
    return _panels(analysis, _draw_p_stable, "P(stable)")


def sensitivity_figure(analysis: Analysis) -> Figure | None:
    """The loss capped at initialisation, by learning rate; the legend gives each cell's sensitivity."""
    return _panels(analysis, _draw_sensitivity, "final loss, capped")


def _panels(analysis: Analysis, draw: Callable[[Axes, Cell, str, int], None], y_label: str) -> Figure | None:
    panels = cell_panels(analysis, MOST_PANELS)
    if not panels:
        return None
    num_columns = min(len(panels), 3)
    num_rows = -(-len(panels) // num_columns)
    figure = new_figure(max(PANEL_INCHES[0] * num_columns, 5.0), PANEL_INCHES[1] * num_rows + 0.6)
    grid = figure.subplots(num_rows, num_columns, squeeze=False, sharey=True).flatten()
    for axes, panel in zip(grid, panels, strict=False):
        _draw_panel(axes, panel, draw)
    for axes in grid[len(panels) :]:
        axes.set_axis_off()
    for axes in grid[::num_columns]:
        axes.set_ylabel(y_label, fontsize=8)
    return figure


def _draw_panel(axes: Axes, panel: CellPanel, draw: Callable[[Axes, Cell, str, int], None]) -> None:
    for index, (label, cell) in enumerate(zip(panel.labels, panel.cells, strict=True)):
        draw(axes, cell, label, index)
    axes.set_xscale("log")
    axes.set_xlabel("learning rate", fontsize=8)
    plain_axes(axes, panel.title)
    axes.legend(fontsize=6.5, frameon=False)


def _draw_p_stable(axes: Axes, cell: Cell, label: str, index: int) -> None:
    points = [point for point in cell.points if point.tally.p_stable is not None]
    shares = [point.tally.p_stable or 0.0 for point in points]
    below = [share - (point.tally.interval.lo or 0.0) for share, point in zip(shares, points, strict=True)]
    above = [(point.tally.interval.hi or 0.0) - share for share, point in zip(shares, points, strict=True)]
    # Series are set apart a little, since their shares coincide more often than not.
    lrs = [point.lr * 1.04 ** (index - 1) for point in points]
    color = SERIES[index % len(SERIES)]
    axes.errorbar(lrs, shares, [below, above], fmt="o", color=color, markersize=3, linewidth=0.6, label=label)
    fit = cell.edge.fit
    if fit is not None:
        xs = spread(points[0].lr, points[-1].lr, 200)
        axes.plot(xs, [fit.p_stable(x) for x in xs], STYLES[index % len(STYLES)], color=color, linewidth=1)


def _draw_sensitivity(axes: Axes, cell: Cell, label: str, index: int) -> None:
    found = cell.sensitivity
    if found is None:
        return
    axes.plot(
        [point.lr for point in found.curve], [point.capped_loss for point in found.curve],
        STYLES[index % len(STYLES)], marker="o", markersize=2.5, linewidth=1.2,
        color=SERIES[index % len(SERIES)],
        label=f"{label}: {number_label(found.value)}",
    )  # fmt: skip
