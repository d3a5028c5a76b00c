"""What a round asks for and learns."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from sweeps.search import Assignment
from trainers.record import OutcomeName, TrialRecord
from trainers.rungs import is_stopped_early


@dataclass(frozen=True)
class Result:
    """How a trial ended, as far as the choice of others goes; `objective` is None when it is not finite.

    `is_partial` says that it was stopped before its last step, and that its outcome is the one so far.
    """

    outcome: OutcomeName
    objective: float | None
    is_partial: bool = False

    @classmethod
    def of(cls, record: TrialRecord, objective: float | None) -> "Result":
        """The result of a trial that ended."""
        return cls(record.verdict.outcome, objective, is_stopped_early(record))


Earlier = Sequence[tuple[Assignment, Sequence[Result]]]
"""Configurations of an earlier sweep, and how their trials ended."""


@dataclass(frozen=True)
class Ask:
    """A configuration to train, or to repeat: `position` counts the configurations of its strand.

    `repeats` says with which of its seeds; a later ask of the same position has others.
    """

    position: int
    assignment: Assignment
    repeats: tuple[int, ...]


@dataclass(frozen=True)
class Answered:
    """An ask with a result for each of its repeats."""

    ask: Ask
    results: tuple[Result, ...]


class Strand(ABC):
    """A part of a search whose rounds depend on its own results alone, such as one cell.

    What it asks for is a pure function of what was answered: a strand that is made anew and told the same
    results asks for the same trials, whatever order they ended in.
    """

    lookahead: ClassVar[int] = 0
    """How many rounds may be on their way when the next is asked for, so that no worker waits.

    The first round is always waited for.
    """

    @abstractmethod
    def next_round(self, answered: Sequence[Answered], pending: Sequence[Ask]) -> Sequence[Ask]:
        """The next round; empty when it is over.

        All rounds before it are answered, in the order of asking, but the last `lookahead`, which are pending
        here even where their results are known: which of them ended first must change nothing.
        """
