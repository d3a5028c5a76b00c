"""The sections about explosions: which layer first, and one of them layer by layer."""

from markupsafe import Markup

from sweeps.analysis import setting_label
from sweeps.ledger.base import TrialRow
from sweeps.report.heat_map import heat_map
from sweeps.report.markup import el, figure, join, table
from sweeps.report.sections.base import ReportData, Section
from trainers.record import Curves

HEAD = ("layer", "first#", "share#", "95 % interval#", "first step#", "median step#", "last step#", "phase")
MOST_LAYERS = 20
FEWEST_WINDOWS = 3


def explosions(data: ReportData) -> Section | None:
    """Explosions by the layer that was not finite first, and the layer × step picture of one."""
    found = data.analysis.explosions
    if not found.num_exploded:
        return None
    rows = [
        (
            layer.layer, str(layer.count), f"{layer.share:.0%}", layer.interval.label(),
            _number(layer.first_step), _number(layer.median_step), _number(layer.last_step),
            ", ".join(layer.phases),
        )
        for layer in found.layers[:MOST_LAYERS]
    ]  # fmt: skip
    lead = f"{found.num_exploded} of {found.num_trials} trials exploded; {found.layers[0].text()}."
    return Section("explosions", "Explosions", lead, join([table(HEAD, rows), _picture(data)]))


def _picture(data: ReportData) -> Markup:
    """The exploded trial with the most report windows before its onset, if that is enough to see anything."""
    exploded = [
        (row, data.curves[row.number])
        for row in data.trials
        if row.record.verdict.outcome == "exploded" and row.number in data.curves
    ]
    shown = [(row, curves) for row, curves in exploded if len(curves.steps) and "grad_norm" in curves.layers]
    if not shown:
        return Markup("")
    row, curves = max(shown, key=lambda pair: (len(pair[1].steps), -pair[0].number))
    if len(curves.steps) < FEWEST_WINDOWS:
        return el(
            "p", f"All sampled explosions came within {FEWEST_WINDOWS - 1} report windows: too soon to draw."
        )
    caption = (
        "Norm of each layer's gradient at the end of each report window, input at the top, with the step at "
        "which a number was first not finite."
    )
    heading = el("h3", f"One explosion: {setting_label(row.axes, row.repeat)}")
    return join([heading, figure(_heat_map(row, curves), caption)])


def _heat_map(row: TrialRow, curves: Curves) -> Markup:
    return heat_map(
        [float(step) for step in curves.steps],
        curves.layer_names,
        [[float(value) for value in window] for window in curves.layers["grad_norm"]],
        row.record.verdict.evidence.step,
        f"gradient norms by layer and step of {setting_label(row.axes)}",
    )


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:g}"
