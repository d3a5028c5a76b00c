"""The maps of sweeps, read from the ledger; the layouts of those looked at last are remembered."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from service.maps.answer import AxisAnswer, EdgeAnswer, MapAnswer, MapRowAnswer
from service.maps.edges import row_edges
from service.maps.layout import MapLayout, MapTrial, lay_out
from sweeps.analysis.edges import Edge
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
    """A layout with the learning rate of each trial in it."""

    layout: MapLayout
    lrs: dict[int, float]


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
        is_whole = standing.outcomes.keys() <= self._planned(spec).keys()
        placed = self._placed(sweep.id, spec, 0 if is_whole else len(standing.outcomes))
        edges = row_edges(placed.layout, placed.lrs, standing.outcomes)
        return _answer(placed.layout, standing.event_id, standing.outcomes, edges)

    def _place(self, sweep_id: str, spec: str, num_ended: int) -> PlacedSweep:
        """The layout of the plan, and of what ended where a search decided on trials as it went."""
        trials = dict(self._planned(spec))
        if num_ended:
            for row in self._ledger.all_trials(sweep_id):
                config = row.config
                trials[row.number] = MapTrial(row.axes, config["optimizer"]["lr"], config["steps"])
        return PlacedSweep(lay_out(trials), {number: trial.lr for number, trial in trials.items()})


def _plan(spec: str) -> dict[int, MapTrial]:
    """The trials that are known before they run; none where the plan can no longer be made here."""
    try:
        plan = make_plan(parse_spec(spec))
    except SpecError:
        return {}
    return {
        trial.number: MapTrial(trial.axes, trial.config.optimizer.lr, trial.config.steps)
        for trial in plan.trials
    }


def _answer(
    layout: MapLayout, after: int, outcomes: Mapping[int, OutcomeName], edges: list[Edge | None]
) -> MapAnswer:
    count = max([*layout.places, *outcomes], default=-1) + 1
    letters = {number: PALETTE[outcome].letter for number, outcome in outcomes.items()}
    return MapAnswer(
        after=after,
        x=AxisAnswer(path=layout.x.path, label=layout.x.label, levels=[v.label for v in layout.x.levels]),
        y=AxisAnswer(path=layout.y.path, label=layout.y.label, levels=[v.label for v in layout.y.levels]),
        pooled=list(layout.pooled),
        panels=list(layout.panels),
        rows=[
            MapRowAnswer(panel=row.panel, label=row.label, edge=_edge_answer(layout, edge))
            for row, edge in zip(layout.rows, edges, strict=True)
        ],
        places=[layout.places.get(number, -1) for number in range(count)],
        outcomes="".join(letters.get(number, NOT_ENDED) for number in range(count)),
    )


def _edge_answer(layout: MapLayout, edge: Edge | None) -> EdgeAnswer | None:
    if edge is None:
        return None
    fit = edge.fit
    return EdgeAnswer(
        status=edge.status,
        lower=edge.lower,
        upper=edge.upper,
        lower_column=_column(layout, edge.lower),
        upper_column=_column(layout, edge.upper),
        bracket=edge.bracket,
        text=edge.text(),
        fitted=fit.edge if fit else None,
        interval_lower=fit.interval.lo if fit else None,
        interval_upper=fit.interval.hi if fit else None,
    )


def _column(layout: MapLayout, lr: float | None) -> int | None:
    return None if lr is None else layout.x.index({layout.x.path: lr})
