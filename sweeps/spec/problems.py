"""What is wrong with a spec: every problem at once, each with its place and the way out."""

import json
import math
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
        found = "" if self.value is None else f", got {json.dumps(self.value, ensure_ascii=False)}"
        return f"{place}: expected {self.expected}{found}{hint}"


class SpecError(SweepError, ValueError):
    """A spec that cannot become a sweep; `problems` holds everything that is wrong with it."""

    def __init__(self, problems: Iterable[SpecProblem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


MAX_SHOWN = 200
"""Characters of a value that a problem repeats."""

MAX_PROBLEMS = 100
"""Problems told at once; the search for more ends soon after."""


def shortened(problems: list[SpecProblem]) -> list[SpecProblem]:
    """The first hundred problems, and a word that there are more."""
    if len(problems) <= MAX_PROBLEMS:
        return problems
    rest = SpecProblem("", f"more than {MAX_PROBLEMS} problems", "the ones above to be mended first")
    return [*problems[:MAX_PROBLEMS], rest]


def shown(value: Any) -> Any:
    """`value` as a problem may carry it: strict JSON, and short."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, int) and abs(value) > 2**63:
        return f"a whole number of {value.bit_length()} bits"
    text = _as_json(value)
    if text is None:
        return f"a {type(value).__name__}"
    return value if len(text) <= MAX_SHOWN else f"{text[:MAX_SHOWN]}…"


def _as_json(value: Any) -> str | None:
    try:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False)
        text.encode()
    except (TypeError, ValueError, RecursionError):
        return None
    return text
