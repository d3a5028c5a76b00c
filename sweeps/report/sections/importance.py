"""The section on which axis matters, for stability and for the objective."""

from markupsafe import Markup

from sweeps.analysis.importance import AxisImportance, Importance
from sweeps.analysis.labels import percent
from sweeps.report.markup import el, figure, join
from sweeps.report.scale import Scale
from sweeps.report.sections.base import ReportData, Section
from sweeps.report.svg import line, svg, text

ROW, LEFT, WIDTH, BOTTOM = 26.0, 130.0, 500.0, 24.0


def importance(data: ReportData) -> Section | None:
    """Bars for each axis: alone, and with its interactions."""
    found = data.analysis.importance
    if not found:
        return None
    is_grid = all(item.design == "grid" for item in found)
    lead = "Share of the variance over settings that each axis explains: dark alone, light with interactions."
    if not is_grid:
        lead = (
            "Share of the variance over settings that each axis explains alone, numbers in bins, corrected "
            "for chance; interactions need a complete grid."
        )
    parts = [join([el("h3", f"For {item.target}"), figure(_bars(item), item.text())]) for item in found]
    return Section("importance", "Which axis matters", lead, join(parts))


def _bars(found: Importance) -> Markup:
    height = ROW * len(found.axes) + BOTTOM
    scale = Scale(0.0, 1.0, LEFT, WIDTH - 20, is_log=False)
    bottom = height - BOTTOM
    ticks = [
        line(x, 0, x, bottom, class_="grid") + text(x, bottom + 16, percent(share), text_anchor="middle")
        for share in (0.0, 0.25, 0.5, 0.75, 1.0)
        for x in (scale(share),)
    ]
    rows = [_bar(axis, ROW * (index + 0.5), scale) for index, axis in enumerate(found.axes)]
    return svg(WIDTH, height, f"importance for {found.target}", *ticks, *rows)


def _bar(found: AxisImportance, y: float, scale: Scale) -> Markup:
    parts = [text(LEFT - 8, y + 4, found.axis, text_anchor="end")]
    if found.total is not None:
        parts.append(_rectangle(found.total, y, scale, "bar light"))
    parts.append(_rectangle(found.alone, y, scale, "bar"))
    for share, interval, lift in (
        (found.alone, found.alone_interval, 2),
        (found.total, found.total_interval, -4),
    ):
        if share is not None and interval is not None and interval.lo is not None and interval.hi is not None:
            parts.append(line(scale(interval.lo), y + lift, scale(interval.hi), y + lift, class_="whisker"))
    return el("g", *parts)


def _rectangle(share: float, y: float, scale: Scale, kind: str) -> Markup:
    return el(
        "rect", x=scale.start, y=y - 8, width=max(scale(share) - scale.start, 0.5), height=16, class_=kind
    )
