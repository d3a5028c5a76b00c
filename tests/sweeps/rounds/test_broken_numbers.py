"""Edge searches of cells in which numbers break: which answer they come to, and that they come to one."""

from collections.abc import Callable

import pytest

from sweeps.analysis.edges import Edge, find_edge
from sweeps.analysis.points import LrPoint, tally_outcomes
from sweeps.plan import Plan, PlannedTrial, make_plan
from sweeps.rounds import Course, Result
from tests.sweeps.small_sweep import small_spec

End = Callable[[PlannedTrial], Result]
FINE, BROKEN = Result("stable", 1.0), Result("exploded", None)
EDGE = 3.0


def plan_of(num_seeds: int = 2) -> Plan:
    axes = {"optimizer.lr": {"log_uniform": [0.001, 1000]}}
    return make_plan(small_spec(axes=axes, seeds=num_seeds, search={"kind": "edge"}))


def searched(end: End) -> tuple[Course, Edge]:
    """The search at its end, and the edge of its only cell."""
    course = plan_of().course()
    waiting, outcomes = course.start({}), {}
    while waiting:
        trial = waiting.pop(0)
        result = end(trial)
        outcomes.setdefault(trial.config.optimizer.lr, []).append(result.outcome)
        waiting += course.tell({trial.number: result})
    points = [LrPoint(lr, tally_outcomes(found), None, None, None) for lr, found in sorted(outcomes.items())]
    return course, find_edge(points, 20)


def by_lr(broken: Result) -> End:
    return lambda trial: FINE if trial.config.optimizer.lr < EDGE else broken


def test_where_everything_is_nan_the_edge_lies_below_the_range() -> None:
    course, edge = searched(lambda _: BROKEN)
    assert (course.finished, edge.status, edge.upper) == (True, "below_range", 0.001)


@pytest.mark.parametrize(
    "broken", [BROKEN, Result("diverged", float("inf")), Result("diverged", float("nan"))]
)
def test_nan_and_infinity_beyond_the_edge_are_what_an_edge_is_made_of(broken: Result) -> None:
    course, edge = searched(by_lr(broken))
    assert (course.finished, edge.status) == (True, "bracketed")
    assert edge.lower is not None
    assert edge.upper is not None
    assert edge.lower < EDGE <= edge.upper <= 1.1 * edge.lower * (1 + 1e-9)


@pytest.mark.parametrize("num_sound", [7, 0])
def test_numbers_that_break_as_the_search_goes_on_leave_a_band_and_no_point(num_sound: int) -> None:
    """The scan is sound and all after it NaN; and every second value is NaN, wherever it lies."""

    def end(trial: PlannedTrial) -> Result:
        if num_sound:
            return by_lr(BROKEN)(trial) if trial.config_number < num_sound else BROKEN
        return BROKEN if trial.config_number % 2 else FINE

    course, edge = searched(end)
    assert (course.finished, edge.status) == (True, "uncertain")
