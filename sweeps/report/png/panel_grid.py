"""Where panels of tiles go: all lengths in inches, so that no label leaves the picture or covers another."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from textwrap import wrap

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sweeps.analysis import MapPanel, OutcomeMap

TILE = 0.3
SMALL_LETTER = 0.062
"""Width of a letter of 7 points, on average."""
TITLE_LETTER = 0.078
TITLE_LINE = 0.17
GAP = 0.25
NARROWEST = 3.2
"""A panel of few columns is as wide as this all the same, for its title."""
WIDEST_PICTURE = 10.5
LEGEND_LINE = 0.26


@dataclass(frozen=True)
class TilePanel:
    """A panel to draw, the map it belongs to, and its title."""

    found: OutcomeMap
    panel: MapPanel
    title: str


@dataclass(frozen=True)
class PanelGrid:
    """Panels beside and below each other, all with the same columns, above a legend of `num_names` names."""

    panels: Sequence[TilePanel]
    num_names: int

    @cached_property
    def label_width(self) -> float:
        """Of the longest row label."""
        rows = (row for entry in self.panels for row in entry.panel.rows)
        return SMALL_LETTER * max(len(row.label) for row in rows) + 0.1

    @property
    def tiles_width(self) -> float:
        """Of a row of tiles."""
        return TILE * len(self.panels[0].found.column.levels)

    @property
    def panel_width(self) -> float:
        """From one panel's left edge to the next one's."""
        return max(self.label_width + self.tiles_width, NARROWEST) + GAP

    @property
    def num_columns(self) -> int:
        """Panels beside each other."""
        return max(1, min(len(self.panels), int(WIDEST_PICTURE // self.panel_width)))

    @property
    def num_legend_columns(self) -> int:
        """Names beside each other in the legend."""
        return min(self.num_names, 4)

    @property
    def legend_height(self) -> float:
        """Of all lines of the legend."""
        return LEGEND_LINE * -(-self.num_names // self.num_legend_columns) + 0.2

    @cached_property
    def tick_height(self) -> float:
        """Of the longest upright label below the tiles."""
        return SMALL_LETTER * max(len(level.label) for level in self.panels[0].found.column.levels) + 0.1

    def title_lines(self, entry: TilePanel) -> list[str]:
        """The title in as many lines as the panel's width asks for."""
        most_letters = int((self.panel_width - GAP) / TITLE_LETTER)
        return wrap(entry.title, most_letters, break_on_hyphens=False, break_long_words=False)

    def title_height(self, entries: Sequence[TilePanel]) -> float:
        """Of the longest title of panels that stand beside each other."""
        return TITLE_LINE * max(len(self.title_lines(entry)) for entry in entries) + 0.08

    def row_height(self, entries: Sequence[TilePanel]) -> float:
        """Of panels that stand beside each other."""
        tiles = TILE * max(len(entry.panel.rows) for entry in entries)
        return self.title_height(entries) + tiles + self.tick_height + GAP

    @property
    def rows(self) -> list[Sequence[TilePanel]]:
        """Panels that stand beside each other, from the top."""
        starts = range(0, len(self.panels), self.num_columns)
        return [self.panels[start : start + self.num_columns] for start in starts]

    @property
    def size(self) -> tuple[float, float]:
        """Width and height of the picture."""
        width = max(self.num_columns * self.panel_width + 0.1, 5.0)
        return width, sum(map(self.row_height, self.rows)) + self.legend_height + 0.1

    def place(self, figure: Figure) -> Iterator[tuple[TilePanel, Axes]]:
        """Axes for every panel, as large as its tiles, below its title."""
        width, height = self.size
        top = 0.1
        for entries in self.rows:
            start = top + self.title_height(entries)
            for index, entry in enumerate(entries):
                left, title = 0.1 + index * self.panel_width, "\n".join(self.title_lines(entry))
                figure.text(left / width, 1 - (start - 0.08) / height, title, fontsize=9, va="bottom")
                tiles = TILE * len(entry.panel.rows)
                x, y = (left + self.label_width) / width, 1 - (start + tiles) / height
                yield entry, figure.add_axes((x, y, self.tiles_width / width, tiles / height))
            top += self.row_height(entries)
