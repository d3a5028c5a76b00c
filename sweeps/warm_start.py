"""What a search by a model is told of an earlier sweep, read from the ledger."""

from collections.abc import Iterator, Mapping
from typing import Any, NoReturn

from sweeps.analysis.observation import value_key
from sweeps.errors import NotFoundError
from sweeps.ledger import Ledger
from sweeps.ledger.base import ENDED, Sweep, TrialRow
from sweeps.plan_configs import Configurations
from sweeps.rounds import Earlier, Result
from sweeps.search import Assignment, Domain, Listed, ModelSearch
from sweeps.search.domains import LAST_FRACTION
from sweeps.search.numbers import plain
from sweeps.spec import SpecError, SpecProblem, SweepSpec
from sweeps.spec.fields import holds
from sweeps.spec.settings import segments

PLACE = "search.warm_start"


def earlier_trials(ledger: Ledger, spec: SweepSpec) -> Earlier:
    """The configurations of the sweep that the spec names that this sweep could have had, by number.

    Empty without a name. Raises `SpecError` when the sweep is not there, has not ended, trained another
    workload, or has no trial that fits. What has ended never changes, so that rounds can be replayed.
    """
    search = spec.search
    if not isinstance(search, ModelSearch) or search.warm_start is None:
        return ()
    sweep = _sweep(ledger, search.warm_start)
    workload = spec.canonical()["workload"]
    if value_key(sweep.spec.get("workload")) != value_key(workload):
        _refuse(sweep.id, "a sweep of the same workload, data and model alike")
    configurations = Configurations(spec)
    groups: dict[int, list[TrialRow]] = {}
    for row in ledger.all_trials(sweep.id):
        groups.setdefault(row.config_number, []).append(row)
    found = [
        (assignment, [Result.of(row.record, row.objective) for row in rows])
        for rows in groups.values()
        for assignment in _assignments(rows[0].config, spec, configurations)
    ]
    if not found:
        _refuse(
            sweep.id, "a sweep with trials that this one could have had: same settings, values in its axes"
        )
    if sweep.spec.get("objective") != spec.canonical()["objective"]:
        _refuse(sweep.id, "a sweep with the same objective")
    return found


def _sweep(ledger: Ledger, sweep_id: str) -> Sweep:
    try:
        sweep = ledger.get_sweep(sweep_id)
    except NotFoundError:
        _refuse(sweep_id, "the id of a sweep that is there")
    if sweep.status not in ENDED:
        _refuse(sweep_id, f"a sweep that has ended; this one is {sweep.status}")
    return sweep


def _assignments(
    config: Mapping[str, Any], spec: SweepSpec, configurations: Configurations
) -> Iterator[Assignment]:
    """What this sweep's axes would set to come to the same trial config; none when they cannot."""
    space = configurations.space
    chosen: Assignment = {}
    for path in space.order:
        if space.exists(path, chosen):
            fitting = _fitting(spec.axes[path], _setting(config, path))
            if not fitting:
                return
            chosen[path] = fitting[0]
    assignment = space.as_written(chosen)
    made = configurations.made_of(assignment).config.model_dump(mode="json")
    if value_key(made | {"seed": 0}) == value_key({**config, "seed": 0}):
        yield assignment


def _fitting(axis: Domain, value: Any) -> list[Any]:
    """The values of an axis that a setting may have been written as, those that say most of it first."""
    if isinstance(axis, Listed):
        points = [axis.point(index) for index in range(axis.size)]
        return sorted((point for point in points if _says(point, value)), key=_num_keys, reverse=True)
    lo, hi = axis.at(0.0), axis.at(LAST_FRACTION)
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return [plain(value)] if is_number and lo <= value <= hi else []


def _says(written: Any, setting: Any) -> bool:
    """Whether a setting has everything that is written; kinds may leave parameters to their defaults."""
    if isinstance(written, dict) and isinstance(setting, dict):
        return all(key in setting and _says(written[key], setting[key]) for key in written)
    return value_key(written) == value_key(setting)


def _num_keys(point: Any) -> int:
    return len(point) if isinstance(point, dict) else 0


def _setting(config: Any, path: str) -> Any:
    for segment in segments(path):
        if not holds(config, segment):
            return None
        config = config[segment]
    return config


def _refuse(sweep_id: str, expected: str) -> NoReturn:
    raise SpecError([SpecProblem(PLACE, sweep_id, expected)])
