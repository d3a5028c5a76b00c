"""The analysis of a sweep: a pure function from its spec and its ended trials."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sweeps.analysis.cells import Cell, make_cells
from sweeps.analysis.explosions import Explosions, count_explosions
from sweeps.analysis.labels import axis_labels
from sweeps.analysis.levels import Axis, make_axis
from sweeps.analysis.observation import LR_PATH, Observation, observe_all
from sweeps.analysis.outcome_map import OutcomeMap, make_maps
from sweeps.analysis.plain import to_plain
from sweeps.analysis.recommendation import Recommendation, recommend
from sweeps.analysis.totals import Totals, count_all
from sweeps.ledger.base import TrialRow
from sweeps.search.domains import Values
from sweeps.spec import SweepSpec


@dataclass(frozen=True)
class Analysis:
    """Everything that a sweep's ended trials say: maps, edges, sensitivities and a recommendation."""

    totals: Totals
    axes: tuple[Axis, ...]
    maps: tuple[OutcomeMap, ...]
    cells: tuple[Cell, ...]
    explosions: Explosions
    recommendation: Recommendation

    def to_json(self) -> dict[str, Any]:
        """Strict JSON: null for what is not a finite number, the sentences beside their numbers."""
        plain: dict[str, Any] = to_plain(self)
        return plain


def analyze(spec: SweepSpec, trials: Sequence[TrialRow], *, num_planned: int | None = None) -> Analysis:
    """Analyse the trials that have ended, in any order; the same trials always give the same analysis.

    `num_planned` is the number of trials in the plan, so that a sweep that was cut short says so.
    """
    observed = observe_all(trials)
    axes = _axes(spec, observed)
    cells = make_cells(observed)
    return Analysis(
        totals=count_all(observed, num_planned),
        axes=axes,
        maps=make_maps(observed, axes),
        cells=cells,
        explosions=count_explosions(observed),
        recommendation=recommend(cells, spec.objective.metric, spec.objective.mode),
    )


def _axes(spec: SweepSpec, trials: Sequence[Observation]) -> tuple[Axis, ...]:
    """The axes besides the learning rate, as the spec writes them."""
    found = {path for trial in trials for path in trial.axes}
    paths = [path for path in spec.axes if path in found and path != LR_PATH]
    paths += sorted(found.difference(paths))
    names = axis_labels([LR_PATH, *paths])
    values = [trial.axes for trial in trials]
    return tuple(make_axis(path, names[path], values, _listed(spec, path)) for path in paths)


def _listed(spec: SweepSpec, path: str) -> Sequence[Any]:
    domain = spec.axes.get(path)
    return domain.values if isinstance(domain, Values) else ()
