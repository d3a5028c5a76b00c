"""The section with every setting as a line through its values, its stability and its objective."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from sweeps.analysis import Analysis, Cell, LrPoint, number_label
from sweeps.analysis.levels import Axis, is_number
from sweeps.report.markup import el, figure, join
from sweeps.report.palette import PALETTE
from sweeps.report.parallel import (
    Ordinate,
    Thread,
    list_ordinate,
    list_place,
    number_ordinate,
    parallel_chart,
)
from sweeps.report.scale import Scale, linear_scale, log_scale
from sweeps.report.sections.base import ReportData, Section
from trainers.record import OUTCOMES

MOST_LINES = 400
"""Lines beyond which a drawing is a blot, and the page large."""
MOST_AXES = 7
"""Axes of the sweep that are drawn; those with the most values go first."""

Setting = tuple[Cell, LrPoint]


@dataclass(frozen=True)
class _Column:
    """An upright axis and where each setting crosses it."""

    ordinate: Ordinate
    places: list[float]


def parallel(data: ReportData) -> Section | None:
    """Parallel coordinates; nothing where fewer than two things vary."""
    analysis = data.analysis
    settings = [(c, p) for c in analysis.cells for p in c.points if p.tally.majority is not None]
    shown = _sample(settings)
    columns = [*_axis_columns(analysis, shown), *_result_columns(analysis, shown)]
    if len(shown) < 2 or len(columns) < 3:
        return None
    chart = parallel_chart(
        [column.ordinate for column in columns], _threads(analysis, shown, columns), "every setting as a line"
    )
    lead = (
        "Each line is one setting: its values, the share of its seeds that were stable, its objective. The "
        "colour is what became of most seeds, the broad line is the pick. Untick an outcome to hide it; "
        "hover over a line to read it."
    )
    if len(shown) < len(settings):
        lead += f" {len(shown)} of {len(settings)} settings are drawn, evenly chosen."
    return Section("settings", "All settings at once", lead, join([_switches(shown), figure(chart)]))


def _sample(settings: Sequence[Setting]) -> list[Setting]:
    """At most `MOST_LINES` settings, evenly from those of each outcome."""
    if len(settings) <= MOST_LINES:
        return list(settings)
    ordered = sorted(settings, key=lambda item: OUTCOMES.index(item[1].tally.majority or "failed"))
    return [ordered[round(i * (len(ordered) - 1) / (MOST_LINES - 1))] for i in range(MOST_LINES)]


def _axis_columns(analysis: Analysis, shown: Sequence[Setting]) -> list[_Column]:
    lrs = [point.lr for _, point in shown]
    axes = [axis for axis in analysis.axes if len(axis.levels) > 1]
    most = sorted(axes, key=lambda axis: -axis.num_values)[:MOST_AXES]
    columns = [_axis_column(axis, [cell for cell, _ in shown]) for axis in axes if axis in most]
    return [*([_numbers("lr", lrs)] if len(set(lrs)) > 1 else []), *columns]


def _axis_column(axis: Axis, cells: Sequence[Cell]) -> _Column:
    values = [cell.axes.get(axis.path) for cell in cells]
    if all(is_number(value) for value in values) and len({*map(str, values)}) > 1:
        return _numbers(axis.label, [float(value) for value in values if value is not None])
    labels = [level.label for level in axis.levels]
    places = [list_place(axis.index(cell.axes), len(labels)) for cell in cells]
    return _Column(list_ordinate(axis.label, labels), places)


def _numbers(title: str, values: Sequence[float]) -> _Column:
    scale = _scale(values, 0.02)
    return _Column(number_ordinate(title, scale), [scale(value) for value in values])


def _result_columns(analysis: Analysis, shown: Sequence[Setting]) -> list[_Column]:
    shares = linear_scale([0.0, 1.0], 0.02, 0.98)
    stable = [shares(point.tally.p_stable or 0.0) for _, point in shown]
    columns = (
        [_Column(number_ordinate("P(stable)", shares), stable)] if analysis.totals.most_seeds > 1 else []
    )
    return [*columns, *_objective_column(analysis, shown)]


def _objective_column(analysis: Analysis, shown: Sequence[Setting]) -> list[_Column]:
    """The objective over what settings with a stable seed reached; worse ones are put at the worse end."""
    metric, is_loss = analysis.recommendation.metric, analysis.recommendation.mode == "min"
    known = [p.objective for _, p in shown if p.objective is not None and p.tally.num_stable]
    if len(set(known)) < 2:
        return []
    worst = max(known) if is_loss else min(known)
    ends = (0.02, 0.9) if is_loss else (0.98, 0.1)
    scale = _scale(known, 0.0, *ends)
    if not is_loss:
        scale = Scale(scale.lo, scale.hi, 0.1, 0.98, scale.is_log)
    beyond = 1.0 if is_loss else 0.0
    places = [
        beyond if p.objective is None or (p.objective > worst if is_loss else p.objective < worst)
        else scale(p.objective)
        for _, p in shown
    ]  # fmt: skip
    title = f"{metric}, {'lower' if is_loss else 'higher'} is better"
    ordinate = number_ordinate(title, scale, "worse")
    if not is_loss:
        ordinate = Ordinate(title, ((0.0, "worse"), *number_ordinate(title, scale).ticks))
    return [_Column(ordinate, places)]


def _scale(values: Sequence[float], pad: float, start: float = 0.02, stop: float = 0.98) -> Scale:
    is_log = min(values) > 0 and max(values) / min(values) >= 10
    return (log_scale if is_log else linear_scale)(values, start, stop, pad)


def _threads(analysis: Analysis, shown: Sequence[Setting], columns: Sequence[_Column]) -> list[Thread]:
    best = analysis.recommendation.best
    threads = []
    for index, (cell, point) in enumerate(shown):
        found = point.tally
        objective = "" if point.objective is None else f", {number_label(point.objective)}"
        setting = f"lr={number_label(point.lr)}" + (f" {cell.label}" if cell.axes else "")
        assert found.majority is not None
        threads.append(
            Thread(
                outcome=found.majority,
                title=f"{setting}: {found.num_stable} of {found.num_trials} stable{objective}",
                places=tuple(column.places[index] for column in columns),
                is_pick=best is not None and found.trials == best.trials,
            )
        )
    return threads


def _switches(shown: Sequence[Setting]) -> Markup:
    """A box for each outcome; style sheets alone hide and show its lines."""
    counts = {name: sum(p.tally.majority == name for _, p in shown) for name in OUTCOMES}
    items = [
        el(
            "li",
            el(
                "label",
                Markup('<input type="checkbox" checked class="pick-{}">').format(name),
                el("i", style=f"background:{PALETTE[name].color}"),
                f"{name} ({number})",
            ),
        )
        for name, number in counts.items()
        if number
    ]
    return el("ul", *items, class_="legend switches")
