"""Rungs: trials of a pack that wait for each other, and of which only the best go on."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

import pytest

from tests.trainers.trials import trial
from trainers.pack import PackRun, PackTrial
from trainers.record import TrialRecord
from trainers.rungs import Rungs, is_stopped_early, rung_steps

NUM_STEPS = 90


def trials(rates: Sequence[float]) -> list[PackTrial]:
    return [
        trial(number, lr=lr, steps=NUM_STEPS, dtype="float64", hidden=[8]) for number, lr in enumerate(rates)
    ]


def halving(factor: int | None = 3, num_rungs: int = 2, metric: str = "eval_loss") -> Rungs:
    return Rungs(rung_steps(NUM_STEPS, 3, num_rungs), metric, "min", factor)


def train(rates: Sequence[float], rungs: Rungs | None, **options: int) -> dict[int, TrialRecord]:
    run = PackRun(trials(rates), rungs=rungs, **options)  # type: ignore[arg-type]
    records: list[TrialRecord] = []
    while not run.finished:
        records += run.advance(5.0)
    assert len(records) == len(rates)
    return {record.number: record for record in records}


NINE = [0.5, 0.001, 0.2, 0.003, 0.1, 0.0003, 0.05, 0.01, 0.02]


def test_of_nine_trials_three_pass_the_first_rung_and_one_the_second() -> None:
    records = train(NINE, halving())
    assert Counter(record.num_steps_done for record in records.values()) == {10: 6, 30: 2, 90: 1}
    for record in records.values():
        assert is_stopped_early(record) == (record.num_steps_done < NUM_STEPS)
        assert record.final["eval_loss"] is not None


@pytest.mark.parametrize("stack_size", [1, 3, 4, 9])
def test_who_goes_on_does_not_depend_on_how_the_pack_is_stacked(stack_size: int) -> None:
    alone, stacked = train(NINE, halving(), stack_size=1), train(NINE, halving(), stack_size=stack_size)
    assert {n: r.num_steps_done for n, r in alone.items()} == {
        n: r.num_steps_done for n, r in stacked.items()
    }


def test_what_goes_on_trains_as_if_there_were_no_rungs() -> None:
    free, halved = train(NINE, None, stack_size=1), train(NINE, halving(), stack_size=1)
    (winner,) = [number for number, record in halved.items() if not is_stopped_early(record)]
    assert halved[winner].final == free[winner].final
    assert halved[winner].verdict == free[winner].verdict


def test_those_that_go_on_are_the_best_at_the_rung() -> None:
    run = PackRun(trials(NINE), rungs=Rungs((10,), "eval_loss", "min", 9), stack_size=9)
    losses = {}
    while not run.finished:
        losses |= {
            record.number: record.final["eval_loss"] or 0.0
            for record in run.advance(0.0)
            if record.num_steps_done == 10
        }
    (best,) = set(range(9)) - losses.keys()  # the one that was not stopped at the only rung
    kept = {number for number, record in train(NINE, halving()).items() if record.num_steps_done > 10}
    assert best in kept
    worst_first = sorted(losses, key=lambda number: -losses[number])
    assert kept == {best, *worst_first[-2:]}


def test_trials_that_explode_take_no_place_and_make_none() -> None:
    rates = [1e12] * 6 + [0.1, 0.2, 0.05]
    records = train(rates, halving(num_rungs=1))
    assert all(records[number].num_steps_done < 30 for number in range(6))
    assert not any(is_stopped_early(record) for record in records.values())
    assert [records[number].num_steps_done for number in (6, 7, 8)] == [NUM_STEPS] * 3


def test_a_trial_that_leads_at_every_rung_and_explodes_behind_them_keeps_its_explosion() -> None:
    data = {"data": {"kind": "linear_regression"}, "model": {"kind": "mlp", "hidden": [8]}}
    warmup = {"kind": "linear_warmup", "warmup_steps": NUM_STEPS}
    rates = [0.5, 0.1, 0.2, 0.05, 0.02, 0.1, 0.05, 0.02, 0.01]
    pack = [
        trial(number, lr=lr, steps=NUM_STEPS, dtype="float64", workload=data, schedule=warmup)
        for number, lr in enumerate(rates)
    ]
    run, records = PackRun(pack, rungs=halving()), {}
    while not run.finished:
        records |= {record.number: record for record in run.advance(5.0)}
    assert records[0].verdict.outcome == "exploded"
    assert 30 < records[0].num_steps_done < NUM_STEPS
    assert not is_stopped_early(records[0])
    assert Counter(is_stopped_early(records[number]) for number in range(1, 9)) == {True: 8}


@pytest.mark.parametrize("mode", ["min", "max"])
def test_numbers_that_are_not_finite_rank_behind_all_that_are(mode: Literal["min", "max"]) -> None:
    (known,) = train([0.1], None).values()
    values = [math.nan, 2.0, math.inf, None, -math.inf, 1.0]
    records = [
        replace(known, number=number, final={"eval_loss": value}) for number, value in enumerate(values)
    ]
    ranked = Rungs((10,), "eval_loss", mode, 3).rank(records)
    assert ranked == ([5, 1] if mode == "min" else [1, 5]) + [0, 2, 3, 4]


def test_a_pack_of_nothing_but_explosions_ends() -> None:
    records = train([1e12] * 5, halving())
    assert {record.verdict.outcome for record in records.values()} <= {"exploded", "diverged"}


def test_a_trial_without_a_finite_metric_falls_behind_those_with_one() -> None:
    records = train([0.1, 0.2, 0.05], halving(num_rungs=1, metric="eval_accuracy_of_nobody"))
    assert [record.num_steps_done for record in records.values()].count(NUM_STEPS) == 1
    assert not is_stopped_early(records[0])


def test_rungs_without_a_factor_stop_nobody_and_tell_how_a_lone_trial_stands() -> None:
    run = PackRun(trials([0.1]), rungs=halving(factor=None))
    standings = []
    while not run.finished:
        for record in run.advance(0.0):
            last = record
        if run.standing is not None and run.standing not in standings:
            standings.append(run.standing)
    assert [record.num_steps_done for record in standings] == [10, 30]
    assert all(is_stopped_early(record) for record in standings)
    assert last.final == train([0.1], None)[0].final


@pytest.mark.parametrize("num_calls", [1, 4, 8, 12])
def test_a_bracket_that_is_restored_goes_on_bit_for_bit(num_calls: int) -> None:
    run = PackRun(trials(NINE), rungs=halving(), stack_size=2)
    before = [record for _ in range(num_calls) for record in run.advance(0.0)]
    again = PackRun.restored(trials(NINE), run.state(), rungs=halving(), stack_size=2)
    rest = [record for _ in range(500) if not again.finished for record in again.advance(0.0)]
    whole = train(NINE, halving(), stack_size=2)
    assert {record.number: record.final for record in [*before, *rest]} == {
        number: record.final for number, record in whole.items()
    }


@pytest.mark.parametrize(
    ("num_steps", "factor", "num_rungs", "steps"),
    [(270, 3, 2, (30, 90)), (100, 2, 3, (12, 24, 48)), (2, 3, 2, (1,)), (1, 3, 2, ())],
)
def test_rungs_lie_a_factor_apart_and_below_the_end(
    num_steps: int, factor: int, num_rungs: int, steps: tuple[int, ...]
) -> None:
    assert rung_steps(num_steps, factor, num_rungs) == steps
