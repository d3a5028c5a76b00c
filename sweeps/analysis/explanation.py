"""Why one trial ended as it did: what happened, when, in which layer, and what would have helped."""

from dataclasses import dataclass
from typing import Any

from sweeps.analysis.analysis import Analysis
from sweeps.analysis.axis_edges import AxisDistance, distance_along
from sweeps.analysis.cells import Cell
from sweeps.analysis.edges import Edge
from sweeps.analysis.explanation_words import facts
from sweeps.analysis.helps import Help, other_lr, other_settings, other_value
from sweeps.analysis.labels import setting_label
from sweeps.analysis.observation import is_partial
from sweeps.analysis.plain import to_plain
from sweeps.analysis.points import LrPoint, Tally
from sweeps.ledger.base import TrialRow
from trainers.record import Evidence, OutcomeName


@dataclass(frozen=True)
class Explanation:
    """One ended trial beside its seeds, its cell's edge and the settings that would have helped.

    `seeds` counts how all seeds of the setting ended. `margin` is the largest stable learning rate of the
    cell over the one used: below 1 the trial lies beyond the edge; None where the cell has no edge.
    `along` is the same on another axis, where the sweep looked for edges there.
    """

    trial: int
    setting: str
    lr: float
    outcome: OutcomeName
    evidence: Evidence
    num_steps_done: int
    num_steps: int
    is_partial: bool
    objective: float | None
    metric: str
    error: str | None
    cell: int
    cell_label: str
    seeds: Tally
    edge: Edge
    margin: float | None
    along: AxisDistance | None
    helps: tuple[Help, ...]

    def text(self) -> str:
        """The facts, then what would have helped, made from the numbers above."""
        return " ".join([*self.facts, *(f"What helps: {item.text()}." for item in self.helps)])

    @property
    def facts(self) -> tuple[str, ...]:
        """Sentences: what happened; how the other seeds ended; how far the edge is."""
        return facts(self)

    def to_json(self) -> dict[str, Any]:
        """Strict JSON with the sentences beside their numbers."""
        plain: dict[str, Any] = to_plain(self)
        return plain | {"facts": list(self.facts)}


def explain(analysis: Analysis, row: TrialRow) -> Explanation:
    """Explain one of the trials that the analysis was made of; raises `KeyError` for another one."""
    cell, point = _place(analysis, row.number)
    outcome, edge = row.record.verdict.outcome, cell.edge
    has_edge = edge.lower is not None and edge.num_lrs > 1
    return Explanation(
        trial=row.number,
        setting=setting_label(row.axes, row.repeat),
        lr=point.lr,
        outcome=outcome,
        evidence=row.record.verdict.evidence,
        num_steps_done=row.record.num_steps_done,
        num_steps=int(row.config["steps"]),
        is_partial=is_partial(row),
        objective=row.objective,
        metric=analysis.recommendation.metric,
        error=row.record.error,
        cell=cell.number,
        cell_label=cell.label,
        seeds=point.tally,
        edge=edge,
        margin=edge.lower / point.lr if has_edge and edge.lower is not None else None,
        along=None if analysis.axis_edges is None else distance_along(analysis.axis_edges, row),
        helps=() if outcome in ("stable", "failed") else _helps(analysis, cell, point),
    )


def _place(analysis: Analysis, number: int) -> tuple[Cell, LrPoint]:
    for cell in analysis.cells:
        for point in cell.points:
            if number in point.tally.trials:
                return cell, point
    raise KeyError(f"trial {number} is not among those that were analysed")


def _helps(analysis: Analysis, cell: Cell, point: LrPoint) -> tuple[Help, ...]:
    best, along = analysis.recommendation.best, analysis.axis_edges
    metric, mode = analysis.recommendation.metric, analysis.recommendation.mode
    axes = [axis for axis in analysis.axes if along is None or axis.path != along.path]
    values = () if along is None else other_value(cell, point, analysis.cells, along, metric, mode)
    found = [
        *other_lr(cell, point.lr, metric, mode),
        *values,
        *other_settings(cell, analysis.cells, axes, point.lr, metric, mode),
    ]
    if best is not None and best not in [item.setting for item in found]:
        found.append(Help("recommended", f"{best.name}, which the sweep recommends", best, metric))
    return tuple(found)
