"""Curves over the learning rate: P(stable) with its fit, and the loss that LR sensitivity averages."""

from collections.abc import Callable, Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sweeps.analysis import Analysis, Cell, number_label
from sweeps.report.palette import SERIES
from sweeps.report.panels import CellPanel, cell_panels, spread
from sweeps.report.png.canvas import log_ticks, new_figure, plain_axes

MOST_PANELS = 12
PANEL_INCHES = (3.6, 3.0)
STYLES = ("-", "--", ":", "-.")
LEGEND_LETTERS = 28
"""Two labels longer than this do not fit beside each other below a panel."""


Draw = Callable[[Axes, Cell, str, int], None]


def p_stable_figure(analysis: Analysis) -> Figure | None:
    """Shares of stable seeds, the fitted curves, and the 95 % interval of each edge as a bar at one half."""
    panels = cell_panels(analysis, MOST_PANELS)
    if not any(cell.edge.fit for panel in panels for cell in panel.cells):
        return None
    return _panels(panels, _draw_p_stable, "P(stable)")


def sensitivity_figure(analysis: Analysis) -> Figure | None:
    """The loss capped at initialisation, by learning rate; the legend gives each cell's sensitivity."""
    panels = cell_panels(analysis, MOST_PANELS)
    found = [cell.sensitivity for panel in panels for cell in panel.cells if cell.sensitivity is not None]
    if not found:
        return None
    figure = _panels(panels, _draw_sensitivity, "final loss, capped")
    if min(item.best_loss for item in found) > 0:
        for axes in figure.axes:
            axes.set_yscale("log")
            log_ticks(axes.yaxis)
    return figure


def _panels(panels: Sequence[CellPanel], draw: Draw, y_label: str) -> Figure:
    num_columns = min(len(panels), 3)
    num_rows = -(-len(panels) // num_columns)
    figure = new_figure(max(PANEL_INCHES[0] * num_columns, 5.0), PANEL_INCHES[1] * num_rows + 0.6)
    grid = figure.subplots(num_rows, num_columns, squeeze=False).flatten()
    for axes, panel in zip(grid, panels, strict=False):
        _draw_panel(axes, panel, draw)
    for axes in grid[len(panels) :]:
        axes.remove()
    for axes in grid[::num_columns]:
        axes.set_ylabel(y_label, fontsize=8)
    return figure


def _draw_panel(axes: Axes, panel: CellPanel, draw: Draw) -> None:
    for index, (label, cell) in enumerate(zip(panel.labels, panel.cells, strict=True)):
        draw(axes, cell, label, index)
    axes.set_xscale("log")
    log_ticks(axes.xaxis)
    axes.set_xlabel("learning rate", fontsize=8)
    plain_axes(axes, panel.title)
    longest = max(len(str(label)) for label in axes.get_legend_handles_labels()[1])
    columns = 1 if longest > LEGEND_LETTERS else 2
    axes.legend(
        fontsize=6.5, frameon=False, loc="upper center", bbox_to_anchor=(0.5, -0.24), ncols=columns
    )  # fmt: skip


def _draw_p_stable(axes: Axes, cell: Cell, label: str, index: int) -> None:
    # Series are set apart a little, since their shares coincide more often than not.
    lift, color = (index % 5 - 2) * 0.012, SERIES[index % len(SERIES)]
    known = [(point.lr, point.tally.p_stable) for point in cell.points]
    dots = [(lr, share + lift) for lr, share in known if share is not None]
    axes.plot(*zip(*dots, strict=True), "o", color=color, markersize=3)
    style, fit = STYLES[index % len(STYLES)], cell.edge.fit
    if fit is None:
        axes.plot([], [], style, color=color, label=label)
        return
    lrs = spread(fit.from_lr, cell.points[-1].lr, 200)
    axes.plot(lrs, [fit.p_stable(lr) for lr in lrs], style, color=color, linewidth=1.2, label=label)
    ends = [fit.interval.lo or cell.points[0].lr, fit.interval.hi or cell.points[-1].lr]
    axes.plot(ends, [0.5 + lift] * 2, color=color, linewidth=3, alpha=0.45, solid_capstyle="butt")


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
