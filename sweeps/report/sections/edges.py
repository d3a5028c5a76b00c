"""The section with the edge of every cell."""

from sweeps.analysis import Cell, number_label
from sweeps.report.edge_chart import edge_chart
from sweeps.report.markup import el, figure, join, table
from sweeps.report.sections.base import ReportData, Section

HEAD = (
    "setting", "largest stable lr", "P(stable) = ½ at#", "95 % interval#", "P from 0.9 to 0.1 over#",
    "above it", "steps#", "seeds#",
)  # fmt: skip
MOST_CELLS = 200


def edges(data: ReportData) -> Section | None:
    """A drawing of all edges and a table of their numbers."""
    cells = [cell for cell in data.analysis.cells if cell.edge.num_lrs > 1]
    if not cells:
        return None
    caption = "Bar: bracket. Dot and line: fitted P(stable) = ½ with 95 % interval. Arrow: beyond the range."
    shown = cells[:MOST_CELLS]
    body = [figure(edge_chart(shown), caption), table(HEAD, [_row(cell) for cell in shown])]
    if len(cells) > MOST_CELLS:
        body.append(el("p", f"{len(cells) - MOST_CELLS} more cells are in the analysis as JSON."))
    return Section("edges", "Edges", _lead(cells), join(body))


def _lead(cells: list[Cell]) -> str:
    lowers = [cell.edge.lower for cell in cells if cell.edge.lower is not None]
    if not lowers:
        return f"No learning rate was stable in any of {len(cells)} cells."
    return (
        f"The largest stable learning rate lies between {number_label(min(lowers))} and "
        f"{number_label(max(lowers))} over {len(cells)} cells."
    )


def _row(cell: Cell) -> tuple[str, ...]:
    edge, fit = cell.edge, cell.edge.fit
    fitted = ("–", "–", "–")
    if fit is not None:
        fitted = (number_label(fit.edge), fit.interval.label(), f"{number_label(fit.fall)}×")
    above = edge.outcome_above or "–"
    return (cell.label, edge.bracket, *fitted, above, edge.horizon, str(edge.num_seeds))
