"""Searches by a model: the same rounds in every replay, whatever numbers trials end with."""

import math
from collections.abc import Callable
from statistics import median
from typing import Any

import pytest

from sweeps.plan import Plan, PlannedTrial, make_plan
from sweeps.rounds import Course, Result
from sweeps.spec import SpecError
from tests.sweeps.small_sweep import small_spec

End = Callable[[PlannedTrial], Result]
ONE, TWO = ["objective"], ["objective", "clearance"]
AXES = {
    "optimizer.lr": {"log_uniform": [0.001, 1000]},
    "clip.kind": {"values": ["none", "global_norm"]},
    "clip.max_norm": {"log_uniform": [0.01, 100], "when": {"clip.kind": "global_norm"}},
    "batch_size": {"int_uniform": [4, 256]},
}


def model_plan(kind: str = "tpe", seeds: int = 1, seed: int = 0, **search: Any) -> Plan:
    spec = small_spec(axes=AXES, seeds=seeds, search={"kind": kind, "trials": 40} | search)
    return make_plan(spec.model_copy(update={"seed": seed}))


def loss(trial: PlannedTrial) -> float:
    """Best at lr 16, a threshold of 0.3 and a small batch."""
    config = trial.config
    threshold = config.clip.max_norm if config.clip.kind == "global_norm" else None
    penalty = 1.0 if threshold is None else 0.3 * abs(math.log10(threshold) + 0.5)
    return abs(math.log10(config.optimizer.lr) - 1.2) + penalty + config.batch_size / 500


def smooth(trial: PlannedTrial) -> Result:
    return Result("stable", loss(trial))


def with_a_cliff(trial: PlannedTrial) -> Result:
    is_stable = trial.config.optimizer.lr < 3 or trial.config.clip.kind != "none"
    return Result("stable", loss(trial)) if is_stable else Result("exploded", None)


def ended(plan: Plan, end: End, backwards: bool = False) -> tuple[Course, list[PlannedTrial], list[Result]]:
    """The course at its end, all its trials by number, and how they ended."""
    course = plan.course()
    waiting, planned, results = course.start({}), [], {}
    while waiting:
        trial = waiting.pop(-1 if backwards else 0)
        planned.append(trial)
        results[trial.number] = end(trial)
        waiting += course.tell({trial.number: results[trial.number]})
    planned.sort(key=lambda trial: trial.number)
    return course, planned, [results[trial.number] for trial in planned]


def best(plan: Plan, end: End) -> float:
    _, _, results = ended(plan, end)
    return min(result.objective for result in results if result.objective is not None)


def test_every_configuration_asked_for_is_tried_once_with_each_seed() -> None:
    course, planned, _ = ended(model_plan(seeds=2), smooth)
    assert course.finished
    assert [trial.number for trial in planned] == list(range(80))
    assert course.num_trials == course.max_trials == 80
    assert len({repr(trial.axes) for trial in planned}) == 40


@pytest.mark.parametrize("objectives", [ONE, TWO], ids=len)
def test_the_order_in_which_trials_end_changes_nothing(objectives: list[str]) -> None:
    plan = model_plan(objectives=objectives)
    assert ended(plan, with_a_cliff)[1] == ended(plan, with_a_cliff, backwards=True)[1]


@pytest.mark.parametrize("objectives", [ONE, TWO], ids=len)
def test_a_search_that_is_begun_anew_goes_on_with_the_same_trials(objectives: list[str]) -> None:
    plan = model_plan(trials=56, objectives=objectives)
    _, planned, results = ended(plan, with_a_cliff)
    course = plan.course()
    kept = {trial.number: result for trial, result in zip(planned, results, strict=True) if trial.number < 25}
    again = course.start(kept)
    assert again == planned[:40]  # 16, and batches of 8: the last has to know all but the one before it
    rest = {trial.number: with_a_cliff(trial) for trial in again if trial.number not in kept}
    assert course.tell(rest) == planned[40:]


def test_the_next_batch_is_chosen_while_one_is_on_its_way() -> None:
    plan = model_plan(trials=56)
    course = plan.course()
    first = course.start({})
    assert len(first) == 16
    two = course.tell({trial.number: smooth(trial) for trial in first})
    assert [trial.number for trial in two] == list(range(16, 32))
    assert len(course.tell({trial.number: smooth(trial) for trial in two[8:]})) == 0
    assert len(course.tell({trial.number: smooth(trial) for trial in two[:8]})) == 16


def test_the_model_finds_better_settings_than_the_even_start() -> None:
    gains = [
        best(model_plan(seed=seed, trials=16), smooth) - best(model_plan(seed=seed), smooth)
        for seed in range(5)
    ]
    assert median(gains) > 0.1


def test_batches_of_any_size_find_the_same_within_the_noise_of_seeds() -> None:
    bests = {
        batch: sorted(best(model_plan(seed=seed, batch=batch), smooth) for seed in range(7))
        for batch in (1, 8)
    }
    assert abs(median(bests[1]) - median(bests[8])) <= max(
        bests[1][-1] - bests[1][0], bests[8][-1] - bests[8][0]
    )


def test_the_best_beside_a_cliff_is_looked_for_on_its_safe_side() -> None:
    _, _, results = ended(model_plan(trials=56), with_a_cliff)
    first = sum(result.outcome == "stable" for result in results[:16]) / 16
    last = sum(result.outcome == "stable" for result in results[32:]) / 24
    assert last > first


NUMBERS: dict[str, End] = {
    "all NaN": lambda trial: Result("exploded", None),
    "late NaN": lambda trial: smooth(trial) if trial.number < 20 else Result("exploded", None),
    "half NaN": lambda trial: smooth(trial) if trial.number % 2 else Result("exploded", None),
    "infinite": lambda trial: Result("diverged", math.inf if trial.number % 3 else 1e300),
    "all failed": lambda trial: Result("failed", None),
    "all equal": lambda trial: Result("stable", 1.0),
    "all stopped early": lambda trial: Result("stable", loss(trial), is_partial=True),
}


@pytest.mark.parametrize("objectives", [ONE, TWO], ids=len)
@pytest.mark.parametrize("name", NUMBERS)
def test_tpe_goes_on_to_its_last_trial_whatever_the_numbers(name: str, objectives: list[str]) -> None:
    course, planned, _ = ended(model_plan(trials=30, objectives=objectives), NUMBERS[name])
    assert course.finished
    assert len(planned) == 30


@pytest.mark.parametrize("objectives", [ONE, TWO], ids=len)
@pytest.mark.parametrize("name", ["all NaN", "late NaN", "half NaN", "infinite", "all failed"])
def test_gp_goes_on_to_its_last_trial_whatever_the_numbers(name: str, objectives: list[str]) -> None:
    plan = model_plan("gp", trials=10, startup=8, batch=2, objectives=objectives)
    late: dict[str, End] = {
        "late NaN": lambda trial: smooth(trial) if trial.number < 7 else Result("exploded", None)
    }
    course, planned, _ = ended(plan, (NUMBERS | late)[name])
    assert course.finished
    assert len(planned) == 10


@pytest.mark.parametrize("objectives", [ONE, TWO], ids=len)
def test_gp_asks_for_the_same_after_the_same(objectives: list[str]) -> None:
    plan = model_plan("gp", trials=11, startup=10, batch=1, objectives=objectives)
    assert ended(plan, with_a_cliff)[1] == ended(plan, with_a_cliff, backwards=True)[1]


def test_a_space_with_few_settings_ends_when_all_were_tried() -> None:
    spec = small_spec(
        axes={"optimizer.lr": {"values": [0.1, 1]}}, seeds=1, search={"kind": "tpe", "trials": 9}
    )
    course, planned, _ = ended(make_plan(spec), smooth)
    assert course.finished
    assert sorted(trial.config.optimizer.lr for trial in planned) == [0.1, 1]
    assert course.num_trials == 2


def test_the_objective_alone_is_what_a_search_looks_for_unless_told_otherwise() -> None:
    assert ended(model_plan(), with_a_cliff)[1] == ended(model_plan(objectives=ONE), with_a_cliff)[1]


@pytest.mark.parametrize("objectives", [[], ["clearance"], ["clearance", "objective"], ["objective"] * 2])
def test_objectives_are_the_objective_and_then_the_clearance(objectives: list[str]) -> None:
    with pytest.raises(SpecError):
        model_plan(objectives=objectives)


def test_a_search_for_clearance_too_tries_more_settings_far_below_a_cliff() -> None:
    """The loss falls up to the cliff, so that the objective alone leads there."""
    axes = {"optimizer.lr": {"log_uniform": [0.001, 1000]}, "batch_size": {"int_uniform": [4, 256]}}

    def end(trial: PlannedTrial) -> Result:
        lr = trial.config.optimizer.lr
        return Result("stable", 3.0 - math.log10(lr)) if lr < 3 else Result("exploded", None)

    def num_far(objectives: list[str], seed: int) -> int:
        search = {"kind": "tpe", "trials": 24, "objectives": objectives}
        spec = small_spec(axes=axes, seeds=1, search=search).model_copy(update={"seed": seed})
        _, planned, _ = ended(make_plan(spec), end)
        return sum(trial.config.optimizer.lr < 0.3 for trial in planned[16:])

    assert median(num_far(TWO, seed) - num_far(ONE, seed) for seed in range(5)) > 0
