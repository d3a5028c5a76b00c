"""The outcome map as a figure: a grid of tiles for each panel, with the edge drawn in."""

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.collections import PatchCollection
from matplotlib.figure import Figure
from matplotlib.patches import Patch, Rectangle
from matplotlib.patheffects import withStroke

from sweeps.analysis import Analysis, MapPanel, MapRow, OutcomeMap, Tally
from sweeps.report.map_table import edge_marks
from sweeps.report.palette import PALETTE, letter
from sweeps.report.png.canvas import new_figure
from trainers.record import OUTCOMES, OutcomeName

TILE_INCHES = 0.3
MOST_COLUMNS = 2
FRAME_INCHES = 1.3
"""Height of a panel's title and of its upright tick labels."""
FAILED: OutcomeName = "failed"


def outcome_map_figure(analysis: Analysis) -> Figure | None:
    """The first map; None before a trial has ended."""
    if not analysis.maps:
        return None
    found = analysis.maps[0]
    num_columns = min(len(found.panels), MOST_COLUMNS)
    num_rows = -(-len(found.panels) // num_columns)
    label_inches = 0.075 * max(len(row.label) for panel in found.panels for row in panel.rows)
    width = num_columns * (len(found.column.levels) * TILE_INCHES + label_inches + 0.5)
    height = num_rows * (max(len(panel.rows) for panel in found.panels) * TILE_INCHES + FRAME_INCHES) + 0.7
    figure = new_figure(max(width, 5.0), height)
    grid = figure.subplots(num_rows, num_columns, squeeze=False).flatten()
    for axes, panel in zip(grid, found.panels, strict=False):
        _draw_panel(axes, found, panel)
    for axes in grid[len(found.panels) :]:
        axes.set_axis_off()
    _draw_legend(figure, analysis)
    return figure


def _draw_panel(axes: Axes, found: OutcomeMap, panel: MapPanel) -> None:
    levels, rows = found.column.levels, panel.rows
    tiles = [
        (x, y, tile) for y, row in enumerate(rows) for x, tile in enumerate(row.tiles) if tile is not None
    ]
    axes.add_collection(_tiles(tiles), autolim=False)
    for x, y, tile in tiles:
        _write_letter(axes, x, y, tile)
    for y, row in enumerate(rows):
        _draw_edge(axes, found, row, y)
    axes.set(xlim=(0, len(levels)), ylim=(len(rows), 0), aspect="equal")
    axes.set_title(panel.title or found.column.label, loc="left", fontsize=9)
    axes.set_xticks([x + 0.5 for x in range(len(levels))], [level.label for level in levels], rotation=90)
    axes.set_yticks([y + 0.5 for y in range(len(rows))], [row.label for row in rows])
    axes.tick_params(length=0, labelsize=7)
    axes.spines[:].set_visible(False)


def _tiles(tiles: Sequence[tuple[int, int, Tally]]) -> PatchCollection:
    """Every tile split by its outcomes; one collection, since there may be thousands."""
    shapes, colors = [], []
    for x, y, found in tiles:
        start = x + 0.03
        for name, number in (found.counts or {FAILED: 1}).items():
            width = 0.94 * number / (found.num_trials or 1)
            shapes.append(Rectangle((start, y + 0.04), width, 0.92))
            colors.append(PALETTE[name].color)
            start += width
    return PatchCollection(shapes, facecolors=colors, edgecolors="none")


def _write_letter(axes: Axes, x: int, y: int, found: Tally) -> None:
    majority = found.majority or FAILED
    text, style = letter(majority), PALETTE[majority]
    unanimous = len(found.counts) <= 1
    words = axes.text(
        x + 0.5, y + 0.53, text if unanimous else text.lower(), ha="center", va="center", fontsize=7,
        color=style.ink if unanimous else "#000000",
    )  # fmt: skip
    words.set_in_layout(False)
    if not unanimous:
        words.set_path_effects([withStroke(linewidth=1.5, foreground="white")])


def _draw_edge(axes: Axes, found: OutcomeMap, row: MapRow, y: int) -> None:
    for index, kind in edge_marks(row.edge, found.column).items():
        style = "-" if kind == "edge" else ":"
        axes.plot([index + 1] * 2, [y, y + 1], color="black", linewidth=2.5, linestyle=style)


def _draw_legend(figure: Figure, analysis: Analysis) -> None:
    names = [name for name in OUTCOMES if name in analysis.totals.outcomes]
    patches = [Patch(color=PALETTE[name].color, label=f"{PALETTE[name].letter} {name}") for name in names]
    figure.legend(
        handles=patches, loc="outside lower center", ncols=min(len(names), 4), fontsize=8, frameon=False
    )
