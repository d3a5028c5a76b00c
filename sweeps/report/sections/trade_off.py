"""The section on what good settings cost in distance from unstable ones."""

from markupsafe import Markup

from sweeps.analysis import number_label
from sweeps.analysis.trade_off import Compromise, TradeOff
from sweeps.report.chart import BOTTOM, HEIGHT, LEFT, RIGHT, TOP, WIDTH, XY, Chart
from sweeps.report.markup import figure, join, table
from sweeps.report.palette import SERIES
from sweeps.report.scale import linear_scale
from sweeps.report.sections.base import ReportData, Section

MOST_ROWS = 60
CAPTION = "Clearance is the distance to the nearest setting that was seen to break, from 0 to 1."
BEATEN = " Line: what no other setting beats in both. Pale: the others."


def trade_off(data: ReportData) -> Section | None:
    """The Pareto front of a search with two objectives, drawn and as a table."""
    found = data.analysis.trade_off
    if found is None:
        return None
    if not found.front:
        return Section("trade-off", "Objective against clearance", found.text(), Markup(""))
    head = ("setting", f"{found.metric}#", "clearance#", "seeds#")
    body = [figure(_chart(found), CAPTION + BEATEN), table(head, [_row(e) for e in found.front[:MOST_ROWS]])]
    return Section("trade-off", "Objective against clearance", found.text(), join(body))


def compromise_cells(found: Compromise) -> tuple[str, str, str]:
    """Setting, objective and clearance of one row of the table."""
    return found.label, number_label(found.objective), number_label(found.clearance)


def _row(found: Compromise) -> tuple[str, ...]:
    return (*compromise_cells(found), str(len(found.trials)))


def _chart(found: TradeOff) -> Markup:
    front = [(entry.clearance, entry.objective) for entry in found.front]
    beaten = [(clearance, objective) for objective, clearance in found.beaten]
    y = linear_scale([y for _, y in (*front, *beaten)], HEIGHT - BOTTOM, TOP, pad=0.05)
    x = linear_scale([0.0, *(x for x, _ in (*front, *beaten))], LEFT, WIDTH - RIGHT, pad=0.03)
    chart = Chart(x, y, "clearance", found.metric, f"{found.metric} against clearance")
    others = Markup('<g opacity="0.35">{}</g>').format(chart.dots(beaten, "var(--soft)"))
    return chart.draw(others, chart.curve(_steps(front), SERIES[0]), chart.dots(front, SERIES[0], 3.5))


def _steps(front: list[XY]) -> list[XY]:
    """A stair: for each clearance the best objective among settings that have at least as much."""
    stair = front[:1]
    for x, y in front[1:]:
        stair += [(stair[-1][0], y), (x, y)]
    return stair
