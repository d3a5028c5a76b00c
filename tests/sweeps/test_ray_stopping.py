"""Ray Tune's schedulers as we set them up, over scores of sweeps in which numbers break."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import pytest
from ray.tune.schedulers import TrialScheduler

from sweeps.ray_stopping import RUNG_TIME, rung_time, scheduler_of
from sweeps.scores import WORST, finite_score
from sweeps.spec.stopping import Asha, Halving, Median, NoStopping, Stopping

ASHA = Asha(factor=3, rungs=2)
MEDIAN = Median(rungs=3, grace=0, min_trials=2)
NAN = finite_score(float("nan"), "min")


@dataclass(frozen=True)
class Lone:
    """A trial, as far as a scheduler looks at it."""

    trial_id: str
    status: str = "RUNNING"


class NothingWaits:
    """A controller, as far as a scheduler looks at it."""

    def get_live_trials(self) -> list[Any]:
        return [Lone("waiting", "PENDING")]


def stopped_at(stopping: Stopping, scores: Sequence[Sequence[float]]) -> list[int | None]:
    """For each trial, at which rung it was stopped; `scores` are those at its rungs."""
    scheduler = scheduler_of(stopping)
    assert scheduler is not None
    scheduler.set_search_properties("score", "min")
    return [_run(scheduler, stopping, str(number), list(row)) for number, row in enumerate(scores)]


def _run(scheduler: TrialScheduler, stopping: Stopping, name: str, scores: list[float]) -> int | None:
    controller, trial = cast(Any, NothingWaits()), cast(Any, Lone(name))
    scheduler.on_trial_add(controller, trial)
    for rung, score in enumerate(scores, 1):
        result = {RUNG_TIME: rung_time(stopping, rung), "score": score}
        between = scheduler.on_trial_result(controller, trial, {"score": score})
        assert between == TrialScheduler.CONTINUE
        decision = scheduler.on_trial_result(controller, trial, result)
        assert decision in (TrialScheduler.CONTINUE, TrialScheduler.STOP)  # never a pause
        if decision == TrialScheduler.STOP:
            return rung
    scheduler.on_trial_complete(controller, trial, {"score": scores[-1]})
    return None


@pytest.mark.parametrize("stopping", [NoStopping(), Halving()])
def test_rules_that_tune_has_no_part_in_have_no_scheduler(stopping: Stopping) -> None:
    assert scheduler_of(stopping) is None


@pytest.mark.parametrize("stopping", [ASHA, MEDIAN])
def test_what_is_worse_than_those_before_it_is_stopped_and_what_is_better_is_not(stopping: Stopping) -> None:
    assert stopped_at(stopping, [[1, 1], [0.9, 0.9], [0.8, 0.8], [5, 5], [0.1, 0.1]]) == [
        None, None, None, 1, None,
    ]  # fmt: skip


@pytest.mark.parametrize("stopping", [ASHA, MEDIAN])
@pytest.mark.parametrize("broken", [NAN, WORST, finite_score(float("inf"), "min")])
def test_in_a_sweep_of_nothing_but_broken_numbers_nobody_is_stopped_for_being_equal(
    stopping: Stopping, broken: float
) -> None:
    assert stopped_at(stopping, [[broken, broken]] * 6) == [None] * 6


@pytest.mark.parametrize("stopping", [ASHA, MEDIAN])
def test_a_broken_number_is_stopped_beside_sound_ones(stopping: Stopping) -> None:
    assert stopped_at(stopping, [[1, 1], [0.9, 0.9], [0.8, 0.8], [NAN, NAN]])[-1] == 1


@pytest.mark.parametrize("stopping", [ASHA, MEDIAN])
def test_sound_trials_go_on_where_half_of_the_others_broke(stopping: Stopping) -> None:
    found = stopped_at(stopping, [[NAN, NAN], [0.9, 0.9], [NAN, NAN], [0.8, 0.8], [NAN, NAN], [0.5, 0.5]])
    assert [found[1], found[3], found[5]] == [None, None, None]


@pytest.mark.parametrize("broken", [NAN, finite_score(float("inf"), "min")])
def test_numbers_that_break_late_stop_at_the_rung_where_they_do(broken: float) -> None:
    assert stopped_at(ASHA, [[1, 1], [0.9, 0.9], [0.8, 0.8], [0.7, broken]])[-1] == 2


@pytest.mark.parametrize("broken", [NAN, finite_score(float("inf"), "min")])
def test_the_median_rule_judges_by_the_best_so_far_and_leaves_a_late_break_to_the_trial(
    broken: float,
) -> None:
    assert stopped_at(MEDIAN, [[1, 1], [0.9, broken], [0.8, 0.8], [0.7, broken], [0.6, 0.6]]) == [None] * 5


def test_rungs_of_trials_with_other_steps_have_the_same_time() -> None:
    assert [rung_time(ASHA, rung) for rung in (1, 2, 3)] == [1, 3, 9]
    assert [rung_time(MEDIAN, rung) for rung in (1, 2, 3)] == [1, 2, 3]
    assert ASHA.rung_steps(90) == (10, 30)
    assert MEDIAN.rung_steps(100) == (25, 50, 75)
