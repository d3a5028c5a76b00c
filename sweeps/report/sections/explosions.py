"""The section on explosions: which layer was the first not to be finite, in which phase, when."""

from sweeps.analysis.labels import percent
from sweeps.report.markup import table
from sweeps.report.sections.base import ReportData, Section

HEAD = ("layer", "first#", "share#", "95 % interval#", "first step#", "median step#", "last step#", "phase")
MOST_LAYERS = 20


def explosions(data: ReportData) -> Section | None:
    """Explosions by the layer that was not finite first."""
    found = data.analysis.explosions
    if not found.num_exploded:
        return None
    rows = [
        (
            layer.layer, str(layer.count), percent(layer.share), layer.interval.label(),
            _number(layer.first_step), _number(layer.median_step), _number(layer.last_step),
            ", ".join(layer.phases),
        )
        for layer in found.layers[:MOST_LAYERS]
    ]  # fmt: skip
    lead = f"{found.num_exploded} of {found.num_trials} trials exploded; {found.layers[0].text()}."
    return Section("explosions", "Explosions", lead, table(HEAD, rows))


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:g}"
