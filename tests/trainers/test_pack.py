import numpy as np
import pytest
import torch
from numpy.testing import assert_array_equal

from tests.trainers.trials import Quadratic, train, trial
from trainers.errors import PackError
from trainers.pack import PackRun, split_evenly


def test_every_trial_ends_once_whatever_the_stack_size() -> None:
    trials = [trial(number, lr=10.0**-number, seed=number) for number in range(5)]

    for stack_size in (1, 2, 5):
        records = train(trials, stack_size=stack_size)
        assert [record.number for record in records] == [0, 1, 2, 3, 4]


def test_training_twice_gives_the_same_bits() -> None:
    trials = [trial(number, lr=0.1 * (number + 1), seed=number) for number in range(3)]

    for stack_size in (1, 3):
        first, second = (train(trials, stack_size=stack_size) for _ in range(2))
        for before, after in zip(first, second, strict=True):
            assert before.verdict == after.verdict
            assert before.final == after.final
            for name, curve in before.curves.scalars.items():
                assert_array_equal(curve, after.curves.scalars[name])


def test_trials_that_cannot_share_a_stack_are_refused() -> None:
    with pytest.raises(PackError, match="one static signature, got 2"):
        PackRun([trial(0), trial(1, steps=41)])
    with pytest.raises(PackError, match="got 0"):
        PackRun([])


def test_progress_counts_trials_and_steps() -> None:
    run = PackRun([trial(number) for number in range(4)], stack_size=2)
    assert run.progress().num_steps_total == 160
    assert run.progress().num_steps_done == 0

    while not run.finished:
        run.advance(0.0)

    assert run.progress().num_ended == 4
    assert run.progress().num_steps_done == 160


def test_a_measured_pack_records_its_choice_and_its_timings() -> None:
    run = PackRun([trial(number) for number in range(4)])
    while not run.finished:
        run.advance(1.0)

    record = run.record()
    assert record.stack_size in record.seconds_per_trial_step
    assert all(seconds > 0 for seconds in record.seconds_per_trial_step.values())
    assert record.train_seconds > 0


def test_measuring_changes_no_result() -> None:
    trials = [trial(number, lr=0.3, seed=number) for number in range(4)]
    run = PackRun(trials)
    run.advance(0.0)
    chosen = run.record().stack_size

    measured, told = train(trials), train(trials, stack_size=chosen)

    for one, other in zip(measured, told, strict=True):
        assert one.final == other.final


def test_groups_are_as_few_and_as_even_as_can_be() -> None:
    trials = [trial(number) for number in range(33)]
    assert [len(group) for group in split_evenly(trials, 32)] == [16, 17]
    assert [len(group) for group in split_evenly(trials, 40)] == [33]
    assert [one for group in split_evenly(trials, 5) for one in group] == trials


def test_a_member_that_breaks_leaves_and_the_others_train_on() -> None:
    calm = [trial(number, lr=0.05, seed=number, dtype="float64") for number in range(3)]
    wild = trial(9, lr=1e6, dtype="float64")

    together = train([*calm, wild], stack_size=4)
    alone = train(calm, stack_size=3)

    assert together[3].verdict.outcome in ("exploded", "diverged")
    assert together[3].num_steps_done < 40
    for one, other in zip(together, alone, strict=False):
        assert one.num_steps_done == 40
        assert one.final["train_loss"] == pytest.approx(other.final["train_loss"], rel=1e-9)


class Faulty(Quadratic):
    """Breaks for every stack that holds a member whose first weight is negative."""

    def loss(self, params, inputs, targets, tape):  # type: ignore[no-untyped-def]
        if bool((params["w"][:, 0] < 0).any()):
            raise RuntimeError("a cosmic ray")
        return super().loss(params, inputs, targets, tape)


def test_broken_code_fails_only_the_trials_it_concerns() -> None:
    trials = [trial(number, lr=1e-3, seed=number, dtype="float64") for number in range(8)]

    records = train(trials, stack_size=8, build=lambda *_: Faulty([1.0, 2.0]))

    failed = [record for record in records if record.verdict.outcome == "failed"]
    assert 0 < len(failed) < 8
    assert all("a cosmic ray" in (record.error or "") for record in failed)
    assert all(record.final["stability_score"] == 0.0 for record in failed)
    assert all(record.error is None for record in records if record not in failed)


def test_a_workload_that_cannot_be_built_fails_every_trial() -> None:
    def build(*_: object) -> Quadratic:
        raise FileNotFoundError("no such data: put digits.csv into data/")

    records = train([trial(0), trial(1)], build=build)

    assert [record.verdict.outcome for record in records] == ["failed", "failed"]
    assert "digits.csv" in records[0].verdict.evidence.rule


class Greedy(Quadratic):
    """Has memory for three members at most."""

    def loss(self, params, inputs, targets, tape):  # type: ignore[no-untyped-def]
        if len(params["w"]) > 3:
            raise torch.OutOfMemoryError("out of memory")
        return super().loss(params, inputs, targets, tape)


def test_running_out_of_memory_halves_the_stack_and_goes_on() -> None:
    trials = [trial(number, lr=1e-3, seed=number, dtype="float64") for number in range(8)]
    run = PackRun(trials, stack_size=8, build=lambda *_: Greedy([1.0, 2.0]))

    records = []
    while not run.finished:
        records += run.advance(1.0)

    assert sorted(record.number for record in records) == list(range(8))
    assert all(record.verdict.outcome != "failed" for record in records)
    assert run.record().stack_size == 2


def test_full_batch_training_takes_every_example_once() -> None:
    (record,) = train([trial(batch_size="full", steps=30, dtype="float64")])
    losses = record.curves.scalars["train_loss"]
    assert np.all(np.diff(losses) < 0)


def test_micro_batches_are_summed_before_the_update() -> None:
    whole, halves = (
        train([trial(steps=8, lr=lr, batch_size=size, accumulate=parts, dtype="float64", report_every=1)])[0]
        for lr, size, parts in ((0.2, 32, 1), (0.1, 16, 2))
    )
    # The sum of two halves' mean gradients is twice the whole's: half the rate makes the same step.
    np.testing.assert_allclose(
        whole.curves.scalars["train_loss"], halves.curves.scalars["train_loss"], rtol=1e-10
    )
