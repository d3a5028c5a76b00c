"""What is wrong with a spec: every problem at once, each with its place and the way out."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sweeps.errors import SweepError


@dataclass(frozen=True)
class SpecProblem:
    """One thing that is wrong: where, what was found, what was expected, the nearest valid name.

    `path` is dotted, with list positions in brackets (`axes.optimizer.lr.values[2]`), and empty for the
    document as a whole. `value` is plain JSON, shortened when it is large. `line` and `column` count from 1
    and are None when the spec did not come as text.
    """

    path: str
    value: Any
    expected: str
    nearest: str | None = None
    line: int | None = None
    column: int | None = None

    def __str__(self) -> str:
        place = self.path or "spec"
        if self.line is not None:
            place += f" (line {self.line}, column {self.column})"
        hint = f"; did you mean {self.nearest}?" if self.nearest else ""
        return f"{place}: expected {self.expected}, got {self.value!r}{hint}"


class SpecError(SweepError, ValueError):
    """A spec that cannot become a sweep; `problems` holds everything that is wrong with it."""

    def __init__(self, problems: Iterable[SpecProblem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))
