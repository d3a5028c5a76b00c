"""The outbox: what MLflow lacks, and what a mirror that died may have left there."""

from collections.abc import Callable

import pytest

from sweeps.errors import LeaseLostError
from sweeps.ledger import Ledger
from tests.contracts.ledger_rows import ended_sweep, ended_trial, new_sweep, running_sweep


class OutboxContract:
    def test_one_mirror_at_a_time_holds_the_outbox(self, ledger: Ledger) -> None:
        assert ledger.claim_mirror("mirror-a", 60)
        assert ledger.claim_mirror("mirror-a", 60)
        assert not ledger.claim_mirror("mirror-b", 60)
        ledger.release_mirror("mirror-b")
        assert not ledger.claim_mirror("mirror-b", 60)
        ledger.release_mirror("mirror-a")
        assert ledger.claim_mirror("mirror-b", 60)

    def test_the_outbox_of_a_dead_mirror_is_taken_over(self, ledger: Ledger) -> None:
        assert ledger.claim_mirror("mirror-a", lease_seconds=0)
        assert ledger.claim_mirror("mirror-b", 60)
        assert not ledger.claim_mirror("mirror-a", 60)

    def test_a_mirror_that_lost_the_outbox_cannot_write(self, ledger: Ledger) -> None:
        sweep = ended_sweep(ledger, [ended_trial(0)])
        ledger.claim_mirror("mirror-b", 60)
        writes: list[Callable[[], None]] = [
            lambda: ledger.begin_mirror("mirror-a", sweep.id),
            lambda: ledger.begin_mirror("mirror-a", sweep.id, [0]),
            lambda: ledger.mark_trials_mirrored("mirror-a", sweep.id, {0: "run"}),
            lambda: ledger.mark_sweep_mirrored("mirror-a", sweep.id, 1),
        ]
        for write in writes:
            with pytest.raises(LeaseLostError, match="mirror-a"):
                write()
        (trial,) = ledger.pending_mirror(10).trials
        assert not trial.attempted

    def test_a_sweep_waits_in_the_outbox_once_it_has_started(self, ledger: Ledger) -> None:
        ledger.create_sweep(new_sweep())
        assert ledger.pending_mirror(10).sweeps == []
        claimed = ledger.claim_sweep("runner-a", 60)
        assert [pending.sweep for pending in ledger.pending_mirror(10).sweeps] == [claimed]

    def test_a_trial_waits_with_its_curves_until_it_is_mirrored(self, ledger: Ledger) -> None:
        sweep = running_sweep(ledger)
        ledger.append_trials(sweep.id, "runner-a", [ended_trial(number) for number in range(3)])
        ledger.claim_mirror("mirror-a", 60)
        pending = ledger.pending_mirror(2).trials
        assert [item.trial.number for item in pending] == [0, 1]
        assert pending[0].trial.record.curves.steps.size == 4
        ledger.mark_trials_mirrored("mirror-a", sweep.id, {0: "run-0", 1: "run-1"})
        assert [item.trial.number for item in ledger.pending_mirror(2).trials] == [2]
        assert ledger.get_trial(sweep.id, 1).mlflow_run_id == "run-1"
        assert ledger.get_sweep(sweep.id).num_mirrored == 2

    def test_marking_a_trial_twice_counts_it_once(self, ledger: Ledger) -> None:
        sweep = ended_sweep(ledger, [ended_trial(0)])
        ledger.claim_mirror("mirror-a", 60)
        ledger.mark_trials_mirrored("mirror-a", sweep.id, {0: "run-0"})
        ledger.mark_trials_mirrored("mirror-a", sweep.id, {0: "another"})
        assert ledger.get_trial(sweep.id, 0).mlflow_run_id == "run-0"
        assert ledger.get_sweep(sweep.id).num_mirrored == 1

    def test_what_a_dead_mirror_may_have_created_is_told_to_the_next(self, ledger: Ledger) -> None:
        sweep = ended_sweep(ledger, [ended_trial(number) for number in range(4)])
        ledger.claim_mirror("mirror-a", lease_seconds=0)
        ledger.begin_mirror("mirror-a", sweep.id)
        ledger.begin_mirror("mirror-a", sweep.id, [1, 2])
        ledger.claim_mirror("mirror-b", 60)
        outbox = ledger.pending_mirror(10)
        assert [pending.attempted for pending in outbox.sweeps] == [True]
        assert [pending.attempted for pending in outbox.trials] == [False, True, True, False]

    def test_a_sweeps_end_waits_for_its_trials(self, ledger: Ledger) -> None:
        sweep = ended_sweep(ledger, [ended_trial(0)])
        ledger.claim_mirror("mirror-a", 60)
        ledger.set_sweep_mlflow(sweep.id, "experiment", "parent")
        assert ledger.pending_mirror(10).sweeps == []
        ledger.mark_trials_mirrored("mirror-a", sweep.id, {0: "run-0"})
        (pending,) = ledger.pending_mirror(10).sweeps
        assert (pending.sweep.mlflow_experiment_id, pending.sweep.mlflow_run_id) == ("experiment", "parent")
        ledger.mark_sweep_mirrored("mirror-a", sweep.id, pending.revision)
        assert ledger.pending_mirror(10).sweeps == []
        assert ledger.events(sweep.id)[-1].type == "sweep.mirrored"

    def test_a_sweep_is_mirrored_with_its_last_trial_its_end_and_its_report(self, ledger: Ledger) -> None:
        sweep = ended_sweep(ledger, [ended_trial(0)])
        ledger.claim_mirror("mirror-a", 60)
        ledger.set_sweep_mlflow(sweep.id, "experiment", "parent")
        ledger.mark_trials_mirrored("mirror-a", sweep.id, {0: "run-0"})
        assert not ledger.get_sweep(sweep.id).is_mirrored
        for report in ("<p>first", "<p>second"):
            ledger.store_report(sweep.id, report, {})
            assert not ledger.get_sweep(sweep.id).is_mirrored
            (pending,) = ledger.pending_mirror(10).sweeps
            ledger.mark_sweep_mirrored("mirror-a", sweep.id, pending.revision)
            assert ledger.get_sweep(sweep.id).is_mirrored

    def test_a_running_sweep_is_not_mirrored_however_little_there_is_of_it(self, ledger: Ledger) -> None:
        assert not running_sweep(ledger).is_mirrored

    def test_a_report_that_came_while_the_end_was_mirrored_goes_out_too(self, ledger: Ledger) -> None:
        sweep = ended_sweep(ledger, [])
        ledger.claim_mirror("mirror-a", 60)
        ledger.set_sweep_mlflow(sweep.id, "experiment", "parent")
        (pending,) = ledger.pending_mirror(10).sweeps
        ledger.store_report(sweep.id, "<p>", {})
        ledger.mark_sweep_mirrored("mirror-a", sweep.id, pending.revision)
        (again,) = ledger.pending_mirror(10).sweeps
        ledger.mark_sweep_mirrored("mirror-a", sweep.id, again.revision)
        assert ledger.pending_mirror(10).sweeps == []

    def test_sweeps_can_be_left_out_with_their_trials(self, ledger: Ledger) -> None:
        first, second = (ended_sweep(ledger, [ended_trial(0)]) for _ in range(2))
        outbox = ledger.pending_mirror(10, without={first.id})
        assert [pending.sweep.id for pending in outbox.sweeps] == [second.id]
        assert [pending.trial.sweep_id for pending in outbox.trials] == [second.id]

    def test_a_sweep_cancelled_before_it_began_goes_out_as_well(self, ledger: Ledger) -> None:
        sweep = ledger.request_cancel(ledger.create_sweep(new_sweep()).id)
        assert [pending.sweep.id for pending in ledger.pending_mirror(10).sweeps] == [sweep.id]
