"""The section with gradient norms layer by layer: how trials broke, beside the recommended one."""

from collections.abc import Iterator

import numpy as np
from markupsafe import Markup

from sweeps.analysis import setting_label
from sweeps.ledger.base import TrialRow
from sweeps.report.heat_map import ColorScale, color_bar, heat_map
from sweeps.report.markup import el, figure, join
from sweeps.report.sections.base import ReportData, Section, onset
from trainers.record import Curves, OutcomeName

SHOWN: tuple[OutcomeName, ...] = ("exploded", "diverged", "vanished")
"""Outcomes that have a place among the layers."""
FEWEST_WINDOWS = 3
"""Report windows of a trial from which there is something to see."""

Pair = tuple[TrialRow, Curves]


def layers(data: ReportData) -> Section | None:
    """A layer × step picture of one trial of each outcome that breaks, and of the pick, in equal colours."""
    broken = [pair for name in SHOWN for pair in _longest(data, name)]
    if not broken:
        return None
    shown = [*broken, *_pick(data)]
    scale = ColorScale.of(curves.layers["grad_norm"] for _, curves in shown)
    pictures = [join([el("h3", _title(row)), figure(_heat_map(row, curves, scale))]) for row, curves in shown]
    lead = (
        "Norm of each layer's gradient at the end of each report window, input at the top, in the same "
        "colours throughout. The dashed line is the step at which the trial broke."
    )
    return Section(
        "layers",
        "Gradients layer by layer",
        lead,
        join([color_bar(scale), *pictures, _too_soon(data, broken)]),
    )


def _longest(data: ReportData, outcome: OutcomeName) -> Iterator[Pair]:
    """The trial of the outcome with the most report windows before its end, if there is anything to see."""
    found = [pair for pair in _drawable(data) if pair[0].record.verdict.outcome == outcome]
    if found:
        yield max(found, key=lambda pair: (len(pair[1].steps), -pair[0].number))


def _pick(data: ReportData) -> Iterator[Pair]:
    best = data.analysis.recommendation.best
    numbers = best.trials if best else ()
    yield from [pair for pair in _drawable(data) if pair[0].number in numbers][:1]


def _drawable(data: ReportData) -> Iterator[Pair]:
    for row in data.trials:
        curves = data.curves.get(row.number)
        if curves is not None and len(curves.steps) >= FEWEST_WINDOWS and _has_layers(curves):
            yield row, curves


def _has_layers(curves: Curves) -> bool:
    norms = curves.layers.get("grad_norm")
    return norms is not None and norms.size > 0 and bool(np.isfinite(norms).any())


def _too_soon(data: ReportData, broken: list[Pair]) -> Markup:
    """Says so where trials exploded and none of them is drawn."""
    exploded = data.analysis.explosions.num_exploded
    if not exploded or any(row.record.verdict.outcome == "exploded" for row, _ in broken):
        return Markup("")
    return el("p", f"The explosions came within {FEWEST_WINDOWS - 1} report windows: too soon to draw.")


def _title(row: TrialRow) -> str:
    return f"{row.record.verdict.outcome}: {setting_label(row.axes, row.repeat)}"


def _heat_map(row: TrialRow, curves: Curves, scale: ColorScale) -> Markup:
    return heat_map(
        [float(step) for step in curves.steps],
        curves.layer_names,
        [[float(value) for value in window] for window in curves.layers["grad_norm"]],
        onset(row),
        f"gradient norms by layer and step of {setting_label(row.axes)}",
        scale,
    )
