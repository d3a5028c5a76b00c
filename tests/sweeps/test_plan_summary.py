from typing import Any

from sweeps.plan import make_plan
from sweeps.plan_summary import PlanSummary
from sweeps.spec import parse_spec
from tests.sweeps.spec.examples import digits

LRS = {"optimizer.lr": {"values": [0.1, 1]}}


def summary_of(workers: int = 2, **changes: Any) -> PlanSummary:
    return make_plan(parse_spec(digits(**changes))).summary(workers)


def warned_of(word: str, **changes: Any) -> bool:
    return any(word in warning for warning in summary_of(**changes).warnings)


def test_a_sound_plan_has_no_warnings() -> None:
    assert summary_of(axes=LRS, seeds=3).warnings == ()


def test_one_learning_rate_is_warned_of() -> None:
    assert warned_of("same learning rate", seeds=3)
    assert not warned_of("same learning rate", axes=LRS)


def test_a_kind_with_a_caution_is_warned_of() -> None:
    base = {"optimizer": {"kind": "sgd", "lr": 1}, "init": {"kind": "zeros"}}
    assert warned_of("zeros: ", base=base)
    assert not warned_of("zeros: ")


def test_few_seeds_are_warned_of() -> None:
    assert warned_of("P(stable)", axes=LRS, seeds=2)
    assert not warned_of("P(stable)", axes=LRS, seeds=3)


def test_an_objective_the_wrong_way_round_is_warned_of() -> None:
    assert warned_of("eval_accuracy", objective={"metric": "eval_accuracy", "mode": "min"})
    assert not warned_of("eval_accuracy", objective={"metric": "eval_accuracy", "mode": "max"})


def test_a_batch_larger_than_the_data_is_warned_of() -> None:
    optimizer = {"kind": "sgd", "lr": 1}
    assert warned_of("1437 examples", base={"optimizer": optimizer, "batch_size": 2000})
    assert not warned_of("1437 examples", base={"optimizer": optimizer, "batch_size": "full"})


def test_duplicates_are_warned_of() -> None:
    assert warned_of("left out", axes={"optimizer.lr": {"values": [0.1, 0.1, 1]}})


def test_workers_come_from_the_caller_or_from_the_spec() -> None:
    plan = make_plan(parse_spec(digits(resources={"workers": 3}, seeds=9)))
    assert plan.summary().num_workers == 3
    assert plan.summary(5).num_workers == 5


def test_more_work_is_estimated_to_take_longer_and_more_workers_less_long() -> None:
    few, many = summary_of(axes=LRS, seeds=100), summary_of(axes=LRS, seeds=300)
    assert many.estimated_seconds > few.estimated_seconds
    assert summary_of(8, axes=LRS, seeds=300).estimated_seconds < many.estimated_seconds


def test_measurements_are_estimated_to_take_time() -> None:
    base = {"optimizer": {"kind": "sgd", "lr": 1}, "steps": 1000}
    seconds = [
        summary_of(base={**base, "measure": {"every": every}}, seeds=100).estimated_seconds
        for every in (None, 500, 100)
    ]
    assert seconds == sorted(set(seconds))


def test_the_summary_is_plain_json() -> None:
    told = summary_of(axes=LRS, seeds=3).to_json()
    assert told["num_trials"] == 6
    assert told["models"] == [{"label": "mlp on digits", "num_parameters": 1210}]
