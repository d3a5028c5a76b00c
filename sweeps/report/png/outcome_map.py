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
from sweeps.report.png.panel_grid import PanelGrid, TilePanel
from trainers.record import OUTCOMES, OutcomeName

FAILED: OutcomeName = "failed"


def outcome_map_figure(analysis: Analysis) -> Figure | None:
    """The first map; None before a trial has ended."""
    if not analysis.maps:
        return None
    found = analysis.maps[0]
    panels = [TilePanel(found, panel, panel.title or found.column.label) for panel in found.panels]
    return _figure(analysis, panels)


def pooled_maps_figure(analysis: Analysis) -> Figure | None:
    """The further maps, one for each axis with all others pooled; None where there are none."""
    maps = analysis.maps[1:]
    names = [found.row.label if found.row else "" for found in maps]
    panels = [
        TilePanel(found, panel, f"{name}, all else pooled")
        for found, name in zip(maps, names, strict=True)
        for panel in found.panels
    ]
    return _figure(analysis, panels) if panels else None


def _figure(analysis: Analysis, panels: Sequence[TilePanel]) -> Figure:
    names = [name for name in OUTCOMES if name in analysis.totals.outcomes]
    grid = PanelGrid(panels, len(names))
    figure = Figure(figsize=grid.size)
    for entry, axes in grid.place(figure):
        _draw_panel(axes, entry.found, entry.panel)
    patches = [Patch(color=PALETTE[name].color, label=f"{PALETTE[name].letter} {name}") for name in names]
    columns = grid.num_legend_columns
    figure.legend(handles=patches, loc="lower center", ncols=columns, fontsize=8, frameon=False)
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
    axes.set(xlim=(0, len(levels)), ylim=(len(rows), 0))
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
