"""What ended, how, and what is missing."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from sweeps.analysis.labels import count
from sweeps.analysis.observation import Observation
from sweeps.analysis.points import SEVERITY
from trainers.record import OutcomeName

MOST_FAILURES = 10
"""Different error messages that are kept; code breaks in few ways at a time."""


@dataclass(frozen=True)
class Failure:
    """Trials that failed with the same last line of their traceback."""

    message: str
    count: int
    trials: tuple[int, ...]


@dataclass(frozen=True)
class Totals:
    """The trials of a sweep. Failed ones are left out of everything but these counts."""

    num_planned: int | None
    num_ended: int
    num_failed: int
    num_partial: int
    num_settings: int
    num_cells: int
    most_seeds: int
    outcomes: dict[OutcomeName, int]
    failures: tuple[Failure, ...]

    @property
    def num_missing(self) -> int:
        """Planned trials that have not ended."""
        return max((self.num_planned or self.num_ended) - self.num_ended, 0)

    def text(self) -> str:
        """One or two sentences with what was left out."""
        parts = ", ".join(f"{number} {name}" for name, number in self.outcomes.items())
        of = f" of {self.num_planned}" if self.num_missing else ""
        noun = "trial" if (self.num_planned or self.num_ended) == 1 else "trials"
        sentence = f"{self.num_ended}{of} {noun} ended{': ' if parts else ''}{parts}."
        if self.num_failed:
            verb = "is" if self.num_failed == 1 else "are"
            sentence += f" {count(self.num_failed, 'failed trial')} {verb} left out of what follows."
        if self.num_partial:
            sentence += f" Stopped early, and counted as what they were by then: {self.num_partial}."
        if self.num_missing:
            sentence += f" {self.num_missing} did not end, so what follows may change."
        return sentence


def count_all(trials: Sequence[Observation], num_planned: int | None) -> Totals:
    """Count all trials that ended."""
    found = Counter(trial.outcome for trial in trials)
    repeats = Counter(trial.config_number for trial in trials if trial.outcome != "failed")
    return Totals(
        num_planned=num_planned,
        num_ended=len(trials),
        num_failed=found["failed"],
        num_partial=sum(trial.is_partial for trial in trials),
        num_settings=len({trial.config_number for trial in trials}),
        num_cells=len({trial.cell for trial in trials}),
        most_seeds=max(repeats.values(), default=0),
        outcomes={name: found[name] for name in SEVERITY if found[name]},
        failures=_failures(trials),
    )


def _failures(trials: Sequence[Observation]) -> tuple[Failure, ...]:
    groups: dict[str, list[int]] = {}
    for trial in trials:
        if trial.outcome == "failed":
            groups.setdefault(_last_line(trial.error), []).append(trial.number)
    ordered = sorted(groups.items(), key=lambda item: (-len(item[1]), item[1][0]))
    return tuple(Failure(text, len(found), tuple(found)) for text, found in ordered[:MOST_FAILURES])


def _last_line(error: str | None) -> str:
    lines = (error or "").strip().splitlines()
    return lines[-1].strip() if lines else "no message was recorded"
