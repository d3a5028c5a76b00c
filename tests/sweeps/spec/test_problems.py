import json
import math
from typing import Any

import pytest

from sweeps.spec import SpecError, SpecProblem
from sweeps.spec.problems import MAX_SHOWN, shortened, shown


def test_a_problem_reads_as_one_line() -> None:
    problem = SpecProblem("axes.optimizer.rl", 3, "the dotted path of a setting", "optimizer.lr", 4, 2)
    assert str(problem) == (
        "axes.optimizer.rl (line 4, column 2): expected the dotted path of a setting, got 3; "
        "did you mean optimizer.lr?"
    )
    assert str(SpecProblem("", None, "a mapping")) == "spec: expected a mapping"


def test_an_error_tells_every_problem_on_its_own_line() -> None:
    error = SpecError([SpecProblem("a", 1, "x"), SpecProblem("b", 2, "y")])
    assert str(error).splitlines() == ["a: expected x, got 1", "b: expected y, got 2"]
    assert isinstance(error, ValueError)


@pytest.mark.parametrize(
    "value",
    [math.nan, 10**5000, "x" * 10_000, list(range(10_000)), {"a": math.nan}, "\ud800", object(), {1, 2}],
    ids=lambda value: type(value).__name__,
)
def test_any_value_is_shown_as_short_strict_json(value: Any) -> None:
    text = json.dumps(shown(value), allow_nan=False, ensure_ascii=False)
    assert len(text.encode()) <= MAX_SHOWN + 10


@pytest.mark.parametrize("value", [None, True, 0, -1.5, "word", [1, "a"], {"kind": "none"}])
def test_a_small_value_is_shown_as_it_is(value: Any) -> None:
    assert shown(value) == value


def test_a_list_that_holds_itself_can_be_shown() -> None:
    loop: list[Any] = []
    loop.append(loop)
    assert shown(loop) == "a list"


def test_problems_beyond_the_first_hundred_are_not_told_singly() -> None:
    problems = [SpecProblem(str(number), None, "x") for number in range(150)]
    assert len(shortened(problems)) == 101
    assert shortened(problems[:100]) == problems[:100]
