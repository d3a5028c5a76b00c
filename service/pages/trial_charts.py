"""The pictures of one trial: curves over its steps beside those of its repeats, and its layers."""

from collections.abc import Iterable, Sequence
from math import isfinite

import numpy as np
from markupsafe import Markup

from sweeps.ledger.base import TrialRow
from sweeps.report.chart import BOTTOM, HEIGHT, LEFT, RIGHT, TOP, WIDTH, XY, Chart
from sweeps.report.heat_map import ColorScale, heat_map
from sweeps.report.palette import PALETTE
from sweeps.report.scale import Scale, linear_scale, log_scale
from trainers.record import Curves

BEFORE, AFTER = "#0072b2", "#d55e00"
CUT = 100.0
"""Times the loss at initialisation that the axis of losses reaches, so that divergence flattens no other."""

LAYER_TITLES = {
    "grad_norm": "Gradient norm of each layer, by step",
    "grad_norm_max": "Largest gradient norm of each layer within each window, by step",
}
NOTHING = np.empty((0, 0), np.float32)
Titled = tuple[str, Markup]


def trial_charts(trial: TrialRow, others: Sequence[TrialRow]) -> list[Titled]:
    """Loss (with the repeats), gradient norm, and what of clipping, update and cosine was measured."""
    found = [
        ("Training loss", _loss(trial, others)),
        ("Gradient norm", _norms(trial)),
        ("Share of steps clipped", _plain(trial, "clip_fraction", 0.0, 1.0)),
        ("Update norm over weight norm", _plain(trial, "update_ratio")),
        ("Cosine of successive gradients", _plain(trial, "grad_cosine", -1.0, 1.0)),
    ]
    return [(title, chart) for title, chart in found if chart]


def layer_charts(trial: TrialRow, others: Sequence[TrialRow]) -> list[Titled]:
    """A heat map for each per-layer statistic, in colours that mean the same for the trials beside it."""
    curves = trial.record.curves
    step = trial.record.verdict.evidence.step if trial.record.verdict.outcome == "exploded" else None
    return [
        (
            LAYER_TITLES.get(name, f"{name.replace('_', ' ')} of each layer, by step"),
            heat_map(
                [float(step) for step in curves.steps],
                curves.layer_names,
                [[float(value) for value in row] for row in values],
                step,
                name.replace("_", " "),
                ColorScale.of(row.record.curves.layers.get(name, NOTHING) for row in (trial, *others)),
            ),
        )
        for name, values in curves.layers.items()
        if len(curves.steps) and values.size
    ]


def _loss(trial: TrialRow, others: Sequence[TrialRow]) -> Markup | None:
    drawn = [(row, _series(row.record.curves, "train_loss")) for row in others if row.number != trial.number]
    own, evaluated = (_series(trial.record.curves, name) for name in ("train_loss", "eval_loss"))
    if not own:
        return None
    start = trial.record.final.get("initial_loss")
    highest = CUT * start if start and start > 0 else float("inf")
    everything = [own, evaluated, *(points for _, points in drawn)]
    chart = _chart(everything, "loss", _positive_scale(everything, highest))
    marks = [
        chart.curve(points, PALETTE[row.record.verdict.outcome].color, f"#{row.number}", class_="curve other")
        for row, points in drawn
        if points
    ]
    color = PALETTE[trial.record.verdict.outcome].color
    marks.append(chart.curve(own, color, "training loss", class_="curve own"))
    if evaluated:
        marks.append(chart.dots(evaluated, color, 3))
    return chart.draw(*marks, *_onset(chart, trial))


def _norms(trial: TrialRow) -> Markup | None:
    curves = trial.record.curves
    before, after, peak = (
        [point for point in _series(curves, name) if point[1] > 0]
        for name in ("grad_norm", "grad_norm_after", "grad_norm_max")
    )
    if not before:
        return None
    chart = _chart([before, after, peak], "norm", _positive_scale([before, after, peak]))
    marks = [chart.band(peak, before, BEFORE)] if len(peak) == len(before) else []
    marks.append(chart.curve(before, BEFORE, "before clipping"))
    if any(abs(a[1] - b[1]) > 1e-6 * b[1] for a, b in zip(after, before, strict=False)):
        marks.append(chart.curve(after, AFTER, "after clipping", stroke_dasharray="6 3"))
    return chart.draw(*marks, *_onset(chart, trial))


def _plain(trial: TrialRow, name: str, lo: float | None = None, hi: float | None = None) -> Markup | None:
    """One statistic on a linear axis that reaches at least from `lo` to `hi`; nothing where it stays zero."""
    points = _series(trial.record.curves, name)
    if not any(y for _, y in points):
        return None
    bounds = [bound for bound in (lo, hi) if bound is not None]
    y = linear_scale([*(y for _, y in points), *bounds], HEIGHT - BOTTOM, TOP, pad=0.04)
    chart = _chart([points], name.replace("_", " "), y)
    return chart.draw(chart.curve(points, PALETTE[trial.record.verdict.outcome].color, class_="curve own"))


def _chart(series: Iterable[Sequence[XY]], title: str, y: Scale) -> Chart:
    x = linear_scale([0.0, *(x for points in series for x, _ in points)], LEFT, WIDTH - RIGHT)
    return Chart(x, y, "step", title, title)


def _positive_scale(series: Iterable[Sequence[XY]], highest: float = float("inf")) -> Scale:
    values = [min(y, highest) for points in series for _, y in points]
    return log_scale(values, HEIGHT - BOTTOM, TOP, pad=0.05)


def _onset(chart: Chart, trial: TrialRow) -> list[Markup]:
    verdict = trial.record.verdict
    if verdict.outcome not in ("exploded", "diverged") or verdict.evidence.step is None:
        return []
    return [chart.moment(verdict.evidence.step, f"{verdict.outcome}, step {verdict.evidence.step}")]


def _series(curves: Curves, name: str) -> list[XY]:
    values = curves.scalars.get(name, np.array([]))
    return [(float(x), float(y)) for x, y in zip(curves.steps, values, strict=False) if isfinite(y)]
