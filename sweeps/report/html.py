"""The report as one HTML page that needs nothing from the network."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib.resources import files
from types import MappingProxyType

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from sweeps.analysis import Analysis
from sweeps.ledger.base import Sweep, TrialRow
from sweeps.report.findings import findings
from sweeps.report.headline import headline
from sweeps.report.markup import el
from sweeps.report.palette import PALETTE
from sweeps.report.sections import SECTIONS, ReportData
from trainers.record import Curves

NO_CURVES: Mapping[int, Curves] = MappingProxyType({})


def render_html(
    sweep: Sweep,
    analysis: Analysis,
    *,
    trials: Sequence[TrialRow] = (),
    curves: Mapping[int, Curves] = NO_CURVES,
) -> str:
    """The report of a sweep; curves of a sample of its trials (see `sample_numbers`) add plots over steps."""
    data = ReportData(sweep, analysis, trials, curves)
    environment = Environment(
        loader=PackageLoader("sweeps", "report"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    return environment.get_template("page.html").render(
        sweep=sweep,
        analysis=analysis,
        headline=headline(analysis),
        findings=findings(analysis),
        css=Markup(files("sweeps.report").joinpath("page.css").read_text(encoding="utf-8")),
        outcome_strip=_outcome_strip(analysis),
        sections=[section for make in SECTIONS if (section := make(data)) is not None],
        ended_at=_date(sweep.ended_at),
    )


def _outcome_strip(analysis: Analysis) -> Markup:
    """All outcomes side by side, each as wide as its share."""
    parts = [
        el(
            "span",
            PALETTE[name].letter if count / analysis.totals.num_ended > 0.02 else "",
            style=f"flex-grow:{count};background:{PALETTE[name].color};color:{PALETTE[name].ink}",
            title=f"{count} {name}",
        )
        for name, count in analysis.totals.outcomes.items()
    ]
    return el("div", *parts, class_="strip", aria_hidden="true")


def _date(seconds: float | None) -> str:
    if seconds is None:
        return "not ended"
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M UTC")
