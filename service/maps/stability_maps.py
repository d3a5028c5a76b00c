"""The maps of sweeps, read from the ledger; the layouts of those looked at last are remembered."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from service.maps.answer import AxisAnswer, EdgeAnswer, MapAnswer, MapRowAnswer
from service.maps.edges import row_edges
from service.maps.layout import MapLayout, MapTrial, lay_out
from sweeps.analysis.axis_edges import AxisEdge
from sweeps.analysis.edge_axis import EdgeAxis
from sweeps.analysis.edges import Edge
from sweeps.analysis.intervals import Interval
from sweeps.analysis.observation import LR_PATH
from sweeps.ledger import Ledger
from sweeps.ledger.base import Sweep
from sweeps.plan import make_plan
from sweeps.report.palette import PALETTE
from sweeps.spec import SpecError, parse_spec
from trainers.record import OutcomeName

NOT_ENDED = "."
REMEMBERED = 32


@dataclass(frozen=True)
class PlacedSweep:
    """A layout with the value of each trial along the axis with the edges: its learning rate, or `axis`."""

    layout: MapLayout
    values: dict[int, float]
    axis: EdgeAxis | None


@dataclass(frozen=True)
class PlannedSweep:
    """The trials that are known before they run, and the axis of an edge search along another than lr."""

    trials: dict[int, MapTrial]
    axis: EdgeAxis | None


class StabilityMaps:
    """Makes the map of a sweep whenever somebody looks."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._planned = lru_cache(maxsize=REMEMBERED)(_plan)
        self._placed = lru_cache(maxsize=REMEMBERED)(self._place)

    def get(self, sweep: Sweep) -> MapAnswer:
        """The map of `sweep` with all outcomes up to event `after` at least."""
        standing = self._ledger.standing(sweep.id)
        spec = json.dumps(sweep.spec)  # in its order, which numbers the trials
        is_whole = standing.outcomes.keys() <= self._planned(spec).trials.keys()
        placed = self._placed(sweep.id, spec, 0 if is_whole else len(standing.outcomes))
        edges = row_edges(placed.layout, placed.values, standing.outcomes, placed.axis)
        return _answer(placed.layout, standing.event_id, standing.outcomes, edges)

    def _place(self, sweep_id: str, spec: str, num_ended: int) -> PlacedSweep:
        """The layout of the plan, and of what ended where a search decided on trials as it went."""
        planned = self._planned(spec)
        trials, axis = dict(planned.trials), planned.axis
        if num_ended:
            for row in self._ledger.all_trials(sweep_id):
                config = row.config
                trials[row.number] = MapTrial(row.axes, config["optimizer"]["lr"], config["steps"])
        layout = lay_out(trials, LR_PATH if axis is None else axis.path)
        return PlacedSweep(layout, _values(trials, axis), axis)


def _plan(spec: str) -> PlannedSweep:
    """What is known before a trial runs; nothing where the plan can no longer be made here."""
    try:
        parsed = parse_spec(spec)
        plan = make_plan(parsed)
    except SpecError:
        return PlannedSweep({}, None)
    trials = {
        trial.number: MapTrial(trial.axes, trial.config.optimizer.lr, trial.config.steps)
        for trial in plan.trials
    }
    return PlannedSweep(trials, EdgeAxis.of(parsed))


def _values(trials: Mapping[int, MapTrial], axis: EdgeAxis | None) -> dict[int, float]:
    if axis is None:
        return {number: trial.lr for number, trial in trials.items()}
    path = axis.path
    return {number: float(trial.axes[path]) for number, trial in trials.items() if path in trial.axes}


def _answer(
    layout: MapLayout, after: int, outcomes: Mapping[int, OutcomeName], edges: list[Edge | AxisEdge | None]
) -> MapAnswer:
    count = max([*layout.places, *outcomes], default=-1) + 1
    letters = {number: PALETTE[outcome].letter for number, outcome in outcomes.items()}
    return MapAnswer(
        after=after,
        x=AxisAnswer(path=layout.x.path, label=layout.x.label, levels=[v.label for v in layout.x.levels]),
        y=AxisAnswer(path=layout.y.path, label=layout.y.label, levels=[v.label for v in layout.y.levels]),
        pooled=list(layout.pooled),
        panels=list(layout.panels),
        has_edges=layout.has_edges,
        rows=[
            MapRowAnswer(panel=row.panel, label=row.label, edge=_edge_answer(layout, edge))
            for row, edge in zip(layout.rows, edges, strict=True)
        ],
        places=[layout.places.get(number, -1) for number in range(count)],
        outcomes="".join(letters.get(number, NOT_ENDED) for number in range(count)),
    )


def _edge_answer(layout: MapLayout, edge: Edge | AxisEdge | None) -> EdgeAnswer | None:
    if edge is None:
        return None
    lower, upper = edge.last_stable, edge.first_unstable
    if edge.stable == "above":
        lower, upper = upper, lower
    fitted, interval = _fitted(edge)
    return EdgeAnswer(
        status=edge.status,
        lower=lower,
        upper=upper,
        lower_column=_column(layout, lower),
        upper_column=_column(layout, upper),
        bracket=edge.bracket,
        text=edge.text(),
        fitted=fitted,
        interval_lower=interval.lo,
        interval_upper=interval.hi,
    )


def _fitted(edge: Edge | AxisEdge) -> tuple[float | None, Interval]:
    if isinstance(edge, AxisEdge):
        return edge.estimate, edge.interval
    return (edge.fit.edge, edge.fit.interval) if edge.fit else (None, Interval(None, None))


def _column(layout: MapLayout, value: float | None) -> int | None:
    return None if value is None else layout.x.index({layout.x.path: value})
