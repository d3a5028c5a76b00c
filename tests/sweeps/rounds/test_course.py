"""Courses: the same trials, numbers and seeds in every replay, whatever order things end in."""

from collections import Counter
from typing import Any

import pytest

from sweeps.plan import Plan, PlannedTrial, make_plan
from sweeps.rounds import Result
from sweeps.spec import parse_spec
from tests.sweeps.rounds.driving import driven
from trainers.record import OutcomeName


def edge_plan(**changes: Any) -> Plan:
    document: dict[str, Any] = {
        "name": "edges",
        "workload": {"data": {"kind": "digits"}, "model": {"kind": "mlp", "hidden": [8]}},
        "base": {"steps": 20, "optimizer": {"kind": "sgd"}},
        "axes": {
            "optimizer.lr": {"log_uniform": [0.001, 1000]},
            "clip": {
                "values": [{"kind": "none"}, {"kind": "global_norm"}, {"kind": "value", "max_value": 0.1}]
            },
        },
        "search": {"kind": "edge"},
        "seeds": 3,
    }
    return make_plan(parse_spec(document | changes))


def breaks_above(trial: PlannedTrial) -> OutcomeName:
    edge = {"none": 0.8, "global_norm": 21.0, "value": 5000.0}[trial.config.clip.kind]
    return "stable" if trial.config.optimizer.lr < edge * (1 + 0.1 * trial.repeat) else "diverged"


def test_the_order_in_which_trials_end_changes_no_trial() -> None:
    _, _, first = driven(edge_plan(), breaks_above, order=1)
    for order in range(2, 6):
        _, _, other = driven(edge_plan(), breaks_above, order=order)
        assert sorted(first, key=lambda trial: trial.number) == sorted(other, key=lambda trial: trial.number)


def test_numbers_and_seeds_are_given_once() -> None:
    course, _, planned = driven(edge_plan(), breaks_above)
    assert course.finished
    assert max(Counter(trial.number for trial in planned).values()) == 1
    assert len({trial.config.seed for trial in planned}) == len(planned) == course.num_trials
    assert all(trial.number == trial.config_number * 3 + trial.repeat for trial in planned)
    assert course.num_trials <= course.max_trials


@pytest.mark.parametrize("share", [0.0, 0.2, 0.5, 0.9, 1.0])
def test_a_course_that_is_begun_anew_goes_on_where_the_other_was(share: float) -> None:
    plan = edge_plan()
    whole, results, planned = driven(plan, breaks_above)
    kept = dict(list(results.items())[: round(share * len(results))])
    course = plan.course()
    waiting = [trial for trial in course.start(kept) if trial.number not in kept]
    seen = set(kept)
    while waiting:
        trial = waiting.pop()
        assert trial.number not in seen
        seen.add(trial.number)
        waiting += course.tell({trial.number: Result(breaks_above(trial), 1.0)})
    assert course.finished
    assert seen == {trial.number for trial in planned}
    assert course.num_trials == whole.num_trials


def test_one_cell_does_not_wait_for_another() -> None:
    course = edge_plan().course()
    first = [trial for trial in course.start({}) if course.strand_of(trial) == 0]
    new = course.tell({trial.number: Result(breaks_above(trial), 1.0) for trial in first})
    assert new
    assert {course.strand_of(trial) for trial in new} == {0}


def test_cells_that_come_to_the_same_are_searched_once() -> None:
    axes = {
        "optimizer.lr": {"log_uniform": [0.001, 1000]},
        "clip": {"values": [{"kind": "global_norm"}, {"kind": "global_norm", "max_norm": 1.0}]},
    }
    plan = edge_plan(axes=axes)
    assert (plan.summary(2).num_cells, plan.num_duplicates) == (1, 1)


def test_a_plan_says_how_many_trials_there_are_may_be_and_usually_are() -> None:
    plan = edge_plan()
    course, _, _ = driven(plan, breaks_above)
    summary = plan.summary(2)
    assert summary.num_trials == len(plan.trials) == 3 * 7
    assert summary.num_trials < course.num_trials <= summary.max_trials
    assert 0.5 < summary.usual_trials / course.num_trials < 2
    assert "21 trials to begin with" in summary.warnings[-1]


def test_packs_of_a_round_keep_the_trials_of_a_cell_together() -> None:
    plan = edge_plan()
    course = plan.course()
    packs = plan.round_packs(course.start({}), 3, course.strand_of)
    assert sorted(len(trials) for _, trials in packs) == [7, 7, 7]
    assert all(len({course.strand_of(trial) for trial in trials}) == 1 for _, trials in packs)


def test_one_cell_is_shared_out_when_workers_would_have_nothing_to_do() -> None:
    plan = edge_plan(axes={"optimizer.lr": {"log_uniform": [0.001, 1000]}})
    course = plan.course()
    packs = plan.round_packs(course.start({}), 3, course.strand_of)
    assert sorted(len(trials) for _, trials in packs) == [2, 2, 3]
