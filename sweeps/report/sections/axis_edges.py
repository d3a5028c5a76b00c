"""The section with edges along another axis than the learning rate."""

from sweeps.analysis import number_label
from sweeps.analysis.axis_edges import AxisEdge
from sweeps.report.markup import table
from sweeps.report.sections.base import ReportData, Section

MOST_CELLS = 200


def axis_edges(data: ReportData) -> Section | None:
    """A table of the edges that an edge search over another axis found."""
    found = data.analysis.axis_edges
    if found is None:
        return None
    head = (
        "setting", f"last stable {found.label}#", "first not stable#", "P(stable) = ½ at#", "95 % interval#",
        "beyond it", "steps#", "seeds#", "values tried#",
    )  # fmt: skip
    rows = [_row(edge) for edge in found.edges[:MOST_CELLS]]
    return Section("axis-edges", f"Edges along {found.label}", found.text(), table(head, rows))


def _row(edge: AxisEdge) -> tuple[str, ...]:
    numbers = [edge.last_stable, edge.first_unstable, edge.estimate]
    shown = ["–" if number is None else number_label(number) for number in numbers]
    interval = "–" if edge.estimate is None else edge.interval.label()
    beyond: str = edge.outcome_beyond or "–"
    if edge.status == "uncertain":
        beyond = f"uncertain, first {beyond}"
    counts = (edge.num_steps, edge.num_seeds, edge.num_values)
    return (edge.label, *shown, interval, beyond, *map(str, counts))
