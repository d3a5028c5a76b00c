"""The analysis of a sweep: a pure function from its spec and its ended trials."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from sweeps.analysis.axis_edges import AxisEdges, find_axis_edges
from sweeps.analysis.cells import Cell, make_cells
from sweeps.analysis.clip_advice import ClipAdvice, advise_clip
from sweeps.analysis.dense_map import DenseMap, make_dense_map
from sweeps.analysis.edge_axis import EdgeAxis
from sweeps.analysis.explosions import Explosions, count_explosions
from sweeps.analysis.importance import Importance, find_importance
from sweeps.analysis.labels import axis_labels
from sweeps.analysis.levels import Axis, make_axis
from sweeps.analysis.observation import LR_PATH, Observation, observe_all
from sweeps.analysis.outcome_map import OutcomeMap, make_maps
from sweeps.analysis.plain import to_plain
from sweeps.analysis.recommendation import Recommendation, recommend
from sweeps.analysis.remedies import Remedy, find_remedies
from sweeps.analysis.totals import Totals, count_all
from sweeps.analysis.trade_off import TradeOff, find_trade_off
from sweeps.ledger.base import TrialRow
from sweeps.search.domains import Values
from trainers.record import Curves

if TYPE_CHECKING:
    from sweeps.spec import SweepSpec  # needs all kinds, which MLflow's mirror does without

NO_CURVES: Mapping[int, Curves] = MappingProxyType({})


@dataclass(frozen=True)
class Analysis:
    """Everything that a sweep's ended trials say: maps, edges, sensitivities and a recommendation."""

    totals: Totals
    axes: tuple[Axis, ...]
    maps: tuple[OutcomeMap, ...]
    dense_map: DenseMap | None
    cells: tuple[Cell, ...]
    axis_edges: AxisEdges | None
    trade_off: TradeOff | None
    remedies: tuple[Remedy, ...]
    importance: tuple[Importance, ...]
    explosions: Explosions
    clip_advice: tuple[ClipAdvice, ...]
    recommendation: Recommendation

    def to_json(self) -> dict[str, Any]:
        """Strict JSON: null for what is not a finite number, the sentences beside their numbers."""
        plain: dict[str, Any] = to_plain(self)
        return plain


def analyze(
    spec: "SweepSpec",
    trials: Sequence[TrialRow],
    *,
    num_planned: int | None = None,
    curves: Mapping[int, Curves] = NO_CURVES,
) -> Analysis:
    """Analyse the trials that have ended, in any order; the same trials always give the same analysis.

    `num_planned` is the number of trials in the plan, so that a sweep that was cut short says so. Clip advice
    needs `curves` of some trials by number.
    """
    observed = observe_all(trials)
    axes = _axes(spec, observed)
    by_key = make_cells(observed)
    edge_axis = EdgeAxis.of(spec)
    axis_edges = find_axis_edges(edge_axis, trials)
    cells = tuple(by_key.values())
    metric, mode = spec.objective.metric, spec.objective.mode
    return Analysis(
        totals=count_all(observed, num_planned),
        axes=axes,
        maps=make_maps(observed, axes, {key: cell.edge for key, cell in by_key.items()}, edge_axis),
        dense_map=make_dense_map(observed, axes),
        cells=cells,
        axis_edges=axis_edges,
        trade_off=find_trade_off(spec, trials),
        remedies=find_remedies(cells, axes, metric, mode),
        importance=find_importance(observed, axes, metric, mode),
        explosions=count_explosions(observed),
        clip_advice=advise_clip(trials, curves),
        recommendation=recommend(cells, metric, mode, axis_edges),
    )


def _axes(spec: "SweepSpec", trials: Sequence[Observation]) -> tuple[Axis, ...]:
    """The axes besides the learning rate, as the spec writes them."""
    found = {path for trial in trials for path in trial.axes}
    paths = [path for path in spec.axes if path in found and path != LR_PATH]
    paths += sorted(found.difference(paths))
    names = axis_labels([LR_PATH, *paths])
    values = [trial.axes for trial in trials]
    return tuple(make_axis(path, names[path], values, _listed(spec, path)) for path in paths)


def _listed(spec: "SweepSpec", path: str) -> Sequence[Any]:
    domain = spec.axes.get(path)
    return domain.values if isinstance(domain, Values) else ()
