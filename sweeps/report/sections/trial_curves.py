"""The sections with curves over steps: losses by outcome, gradient norms before and after clipping."""

from collections.abc import Iterator

import numpy as np
from markupsafe import Markup

from sweeps.analysis import setting_label
from sweeps.ledger.base import TrialRow
from sweeps.report.chart import BOTTOM, HEIGHT, LEFT, RIGHT, TOP, WIDTH, XY, Chart, small_multiples
from sweeps.report.palette import PALETTE
from sweeps.report.scale import linear_scale, log_scale
from sweeps.report.sections.base import ReportData, Section, onset
from trainers.record import OUTCOMES, Curves, OutcomeName

THRESHOLDS = ("max_norm", "alpha")
"""Parameters of clip rules that bound the global norm, and so can be drawn beside it."""

CUT = 100.0
"""Times the loss at initialisation that the axis of losses reaches."""

BOUNDED = frozenset({"global_norm", "normalize"})


def losses(data: ReportData) -> Section | None:
    """Training losses of the sampled trials, a chart for each outcome on common axes."""
    groups = {name: list(_sampled(data, name)) for name in OUTCOMES}
    curves = {
        name: [(row, _series(found, "train_loss")) for row, found in group] for name, group in groups.items()
    }
    points = [point for group in curves.values() for _, found in group for point in found]
    if not points:
        return None
    x = linear_scale([0.0, *(x for x, _ in points)], LEFT, WIDTH - RIGHT)
    highest = _highest(data)
    y = log_scale([min(y, highest) for _, y in points], HEIGHT - BOTTOM, TOP, pad=0.03)
    charts = []
    for name, group in curves.items():
        if group:
            chart = Chart(x, y, "step", "training loss", f"training loss of {name} trials")
            color = PALETTE[name].color
            drawn = [
                chart.curve(found, color, setting_label(row.axes, row.repeat), class_="curve outcome")
                for row, found in group
                if found
            ]
            charts.append((f"{name} ({data.analysis.totals.outcomes.get(name, 0)})", chart.draw(*drawn)))
    lead = (
        "Training loss of a sample of trials of each outcome, on the same axes; hover for the setting. "
        f"Losses of more than {CUT:g} times that at initialisation are drawn at the top."
    )
    return Section("losses", "Loss curves by outcome", lead, small_multiples(charts))


def _highest(data: ReportData) -> float:
    """Where the loss axis ends: one diverged run would flatten all others."""
    starts = [row.record.final.get("initial_loss") for row in data.trials]
    known = [start for start in starts if start is not None and start > 0]
    return CUT * float(np.median(known)) if known else float("inf")


def gradient_norms(data: ReportData) -> Section | None:
    """Gradient norms before and after clipping: of the recommended setting, then of one trial per outcome."""
    chosen = list(_representatives(data))
    if not chosen:
        return None
    charts = [(_title(row), _norm_chart(row, curves)) for row, curves in chosen]
    lead = (
        "Global norm of the gradient. Blue: before clipping, the mean of each report window, its area up "
        "to its 99th percentile (darker) and its maximum. Orange, dashed: after clipping. Dotted: threshold."
    )
    return Section("gradient-norms", "Gradient norms", lead, small_multiples(charts))


def _sampled(data: ReportData, outcome: OutcomeName) -> Iterator[tuple[TrialRow, Curves]]:
    for row in data.trials:
        curves = data.curves.get(row.number)
        if curves is not None and len(curves.steps) and row.record.verdict.outcome == outcome:
            yield row, curves


def _representatives(data: ReportData) -> Iterator[tuple[TrialRow, Curves]]:
    best = data.analysis.recommendation.best
    picked = best.trials[:1] if best else ()
    rows = {row.number: row for row in data.trials}
    yield from ((rows[n], data.curves[n]) for n in picked if n in rows and n in data.curves)
    for name in OUTCOMES:
        found = [pair for pair in _sampled(data, name) if pair[0].number not in picked]
        if found:
            yield max(
                found, key=lambda pair: (pair[0].record.final.get("clip_fraction") or 0.0, -pair[0].number)
            )


def _norm_chart(row: TrialRow, curves: Curves) -> Markup:
    names = ("grad_norm", "grad_norm_after", "grad_norm_p99", "grad_norm_max")
    before, after, high, peak = ([p for p in _series(curves, name) if p[1] > 0] for name in names)
    x = linear_scale([0.0, *(float(step) for step in curves.steps)], LEFT, WIDTH - RIGHT)
    y = log_scale([y for points in (before, after, peak) for _, y in points], HEIGHT - BOTTOM, TOP, pad=0.05)
    chart = Chart(x, y, "step", "gradient norm", f"gradient norms of {_title(row)}")
    marks = [chart.band(upper, before, "#0072b2") for upper in (peak, high) if before and upper]
    marks += [chart.curve(before, "#0072b2", "before clipping")] if before else []
    threshold = _threshold(row)
    if any(abs(a[1] - b[1]) > 1e-6 * b[1] for a, b in zip(after, before, strict=False)):
        marks.append(chart.curve(after, "#d55e00", "after clipping", stroke_dasharray="6 3"))
    if threshold is not None and y.lo <= threshold <= y.hi:
        marks.append(chart.level(threshold, "threshold"))
    step = onset(row)
    if step is not None:
        marks.append(chart.moment(step, f"{row.record.verdict.outcome}, step {step}"))
    return chart.draw(*marks)


def _threshold(row: TrialRow) -> float | None:
    clip = row.config.get("clip", {})
    if clip.get("kind") not in BOUNDED:
        return None
    return next((float(clip[name]) for name in THRESHOLDS if name in clip), None)


def _title(row: TrialRow) -> str:
    style = PALETTE[row.record.verdict.outcome]
    return f"{style.letter} · {setting_label(row.axes, row.repeat)}"


def _series(curves: Curves, name: str) -> list[XY]:
    values = curves.scalars.get(name)
    if values is None:
        return []
    return [(float(x), float(y)) for x, y in zip(curves.steps, values, strict=True) if np.isfinite(y)]
