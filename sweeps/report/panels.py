"""Cells sorted into the panels of the map, so that curves stand beside the tiles they explain."""

from collections.abc import Sequence
from dataclasses import dataclass

from sweeps.analysis import Analysis, Cell


@dataclass(frozen=True)
class CellPanel:
    """The cells of one panel, each with the label of its row."""

    title: str
    labels: tuple[str, ...]
    cells: tuple[Cell, ...]


def cell_panels(analysis: Analysis, most: int) -> tuple[CellPanel, ...]:
    """The first `most` panels of the map with those of their rows that are one cell over two learning rates.

    Empty where no row is: a random search draws each setting at one learning rate only.
    """
    if not analysis.maps or not analysis.maps[0].is_over_lr:
        return ()
    cells = {trial: cell for cell in analysis.cells for point in cell.points for trial in point.tally.trials}
    panels = []
    for panel in analysis.maps[0].panels:
        rows = [row for row in panel.rows if row.num_cells == 1 and row.edge and row.edge.num_values > 1]
        found = [next(cells[trial] for tile in row.tiles if tile for trial in tile.trials) for row in rows]
        if found:
            panels.append(CellPanel(panel.title, tuple(row.label for row in rows), tuple(found)))
    return tuple(panels[:most])


def spread(lo: float, hi: float, number: int) -> Sequence[float]:
    """`number` values from lo to hi, each the same factor above the one before."""
    return [lo * (hi / lo) ** (index / (number - 1)) for index in range(number)]
