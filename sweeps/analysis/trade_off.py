"""What good settings cost in distance from unstable ones, where a search looked for both."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import TYPE_CHECKING, Any, Literal

from sweeps.analysis.labels import count, number_label, own_values, setting_label
from sweeps.analysis.observation import is_partial
from sweeps.analysis.points import tally_outcomes
from sweeps.ledger.base import TrialRow
from sweeps.search import clearances
from sweeps.search.model_based import ModelSearch

if TYPE_CHECKING:
    from sweeps.spec import SweepSpec  # needs all kinds, which MLflow's mirror does without

REQUIRED_P_STABLE = 0.5
"""A configuration counts as unstable when fewer of its seeds are stable, as for the search."""


@dataclass(frozen=True)
class Compromise:
    """A configuration that no other one beats in both its `objective` and its `clearance` (0 to 1).

    `objective` is the mean over its `trials`.
    """

    label: str
    axes: dict[str, Any]
    objective: float
    clearance: float
    trials: tuple[int, ...]


@dataclass(frozen=True)
class TradeOff:
    """The Pareto front of a search with two objectives, from the best objective to the largest clearance.

    `beaten` holds objective and clearance of what was compared and is not on it.
    """

    metric: str
    mode: Literal["min", "max"]
    num_compared: int
    front: tuple[Compromise, ...]
    beaten: tuple[tuple[float, float], ...]

    def text(self) -> str:
        """One sentence with both ends of the front."""
        if not self.front:
            return f"No setting was stable with a finite {self.metric}, so there is nothing to weigh."
        best, safest = self.front[0], self.front[-1]
        ends = self._end(best) if best is safest else f"from {self._end(best)} to {self._end(safest)}"
        num_settings = f"{count(len(self.front), 'setting')} of {self.num_compared}"
        return f"{num_settings} that no other beats in {self.metric} and clearance: {ends}."

    def _end(self, entry: Compromise) -> str:
        return f"{self.metric} {number_label(entry.objective)} at clearance {number_label(entry.clearance)}"


def find_trade_off(spec: "SweepSpec", trials: Sequence[TrialRow]) -> TradeOff | None:
    """The front among the sweep's own trials; None where the search looks for the objective alone.

    Left out are unstable configurations, those with a trial whose objective is not finite, and those with one
    that was stopped early, whose objective cannot be compared. Unstable ones still limit clearances.
    """
    search = spec.search
    if not isinstance(search, ModelSearch) or not search.wants_clearance:
        return None
    groups: dict[int, list[TrialRow]] = {}
    for row in sorted(trials, key=lambda row: row.number):
        if row.record.verdict.outcome != "failed":
            groups.setdefault(row.config_number, []).append(row)
    known = list(groups.values())
    is_stable = [_is_stable(rows) for rows in known]
    assignments = [{path: rows[0].axes[path] for path in spec.axes if path in rows[0].axes} for rows in known]
    found = clearances(spec.axes, assignments, is_stable)
    compared = [
        _compromise(rows, clearance)
        for rows, clearance, stable in zip(known, found, is_stable, strict=True)
        if stable and all(_can_be_compared(row) for row in rows)
    ]
    mode = spec.objective.mode
    front = unbeaten(compared, mode)
    is_front = {entry.trials for entry in front}
    beaten = [(entry.objective, entry.clearance) for entry in compared if entry.trials not in is_front]
    return TradeOff(spec.objective.metric, mode, len(compared), tuple(front), tuple(beaten))


def unbeaten(compared: Sequence[Compromise], mode: Literal["min", "max"]) -> list[Compromise]:
    """Those that no other one equals in both and beats in one, the best objective first."""
    sign = 1.0 if mode == "min" else -1.0
    ordered = sorted(compared, key=lambda entry: (sign * entry.objective, -entry.clearance))
    front: list[Compromise] = []
    for entry in ordered:
        last = front[-1] if front else None
        if last is None or entry.clearance > last.clearance or _equal(entry, last):
            front.append(entry)
    return front


def _equal(one: Compromise, other: Compromise) -> bool:
    return (one.objective, one.clearance) == (other.objective, other.clearance)


def _is_stable(rows: Sequence[TrialRow]) -> bool:
    p_stable = tally_outcomes([row.record.verdict.outcome for row in rows]).p_stable
    return p_stable is not None and p_stable >= REQUIRED_P_STABLE


def _can_be_compared(row: TrialRow) -> bool:
    return row.objective is not None and row.record.verdict.outcome != "exploded" and not is_partial(row)


def _compromise(rows: Sequence[TrialRow], clearance: float) -> Compromise:
    axes = {name: value for name, value in own_values(rows[0].axes).items() if name != "seed"}
    objectives = [row.objective for row in rows if row.objective is not None]
    numbers = tuple(row.number for row in rows)
    return Compromise(setting_label(axes), axes, fmean(objectives), clearance, numbers)
