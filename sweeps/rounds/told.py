"""What a model is told of configurations: finite values, and which are no use however good they are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import fmean
from typing import Literal

from sweeps.rounds.base import Result
from sweeps.scores import CAP, finite_score
from sweeps.search import Assignment, Domain, clearances

REQUIRED_P_STABLE = 0.5
"""A configuration is feasible when at least this share of its seeds is stable, as below an edge."""


@dataclass(frozen=True)
class Told:
    """A configuration that ended: less `value` is better, `infeasibility` above 0 rules it out.

    `is_partial` says that all its trials were stopped early, so that the value is one on the way.
    `clearance`, of which more is better, is None where the search does not ask for it.
    """

    assignment: Assignment
    value: float
    infeasibility: float
    is_partial: bool = False
    clearance: float | None = None

    @property
    def values(self) -> list[float]:
        """What the model is to make small: the value, and the clearance with its sign changed."""
        return [self.value] if self.clearance is None else [self.value, -self.clearance]


def told_of(
    entries: Sequence[tuple[Assignment, Sequence[Result]]], mode: Literal["min", "max"]
) -> list[Told]:
    """What to tell of configurations and how their trials ended, less those of which every trial failed.

    Means are over trials. An objective that is not finite, or beyond all reason, counts as one spread of the
    finite ones worse than the worst of them: worse than any, and near enough to leave the differences among
    the others visible to a model that standardises.
    """
    known = [
        (assignment, [result for result in results if result.outcome != "failed"])
        for assignment, results in entries
    ]
    scores = [finite_score(result.objective, mode) for _, results in known for result in results]
    worst = _worst([score for score in scores if abs(score) < CAP])
    return [_told(assignment, results, mode, worst) for assignment, results in known if results]


def with_clearances(told: Sequence[Told], axes: Mapping[str, Domain]) -> list[Told]:
    """The same with the clearance of each among them; see `sweeps.search.clearance`."""
    is_stable = [entry.infeasibility <= 0 for entry in told]
    found = clearances(axes, [entry.assignment for entry in told], is_stable)
    return [replace(entry, clearance=clearance) for entry, clearance in zip(told, found, strict=True)]


def _worst(finite: Sequence[float]) -> float:
    if not finite:
        return 0.0
    ordered = sorted(finite)
    # Losses on the way to infinity are finite too: what is far above most of them counts as the worst.
    middle = ordered[len(ordered) // 2]
    sane = [score for score in ordered if score <= middle + 10 * max(middle - ordered[0], abs(middle), 1e-12)]
    return sane[-1] + max(sane[-1] - sane[0], 1e-6)


def _told(
    assignment: Assignment, results: Sequence[Result], mode: Literal["min", "max"], worst: float
) -> Told:
    values = [min(finite_score(result.objective, mode), worst) for result in results]
    num_stable = sum(result.outcome == "stable" for result in results)
    return Told(
        assignment,
        max(fmean(values), -CAP),
        REQUIRED_P_STABLE - num_stable / len(results),
        all(result.is_partial for result in results),
    )
