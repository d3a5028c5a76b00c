"""The queue: claims, leases, releases, runners."""

import pytest

from sweeps.errors import LeaseLostError, NotFoundError
from sweeps.ledger import Ledger
from sweeps.ledger.base import Flags, Runner, SweepStatus
from tests.contracts.ledger_rows import ended_trial, new_sweep, running_sweep


class QueueContract:
    def test_the_oldest_sweep_is_claimed_first(self, ledger: Ledger) -> None:
        ids = [ledger.create_sweep(new_sweep()).id for _ in range(3)]
        claimed = [ledger.claim_sweep(f"runner-{number}", 60) for number in range(4)]
        assert [sweep.id for sweep in claimed if sweep] == ids
        assert claimed[3] is None

    def test_a_claimed_sweep_runs_under_a_lease(self, ledger: Ledger) -> None:
        sweep = running_sweep(ledger, "runner-a")
        assert (sweep.status, sweep.runner_id) == ("running", "runner-a")
        assert sweep.started_at is not None
        assert sweep.lease_expires_at == pytest.approx(sweep.started_at + 60)

    def test_a_heartbeat_moves_the_end_of_the_lease(self, ledger: Ledger) -> None:
        sweep = running_sweep(ledger)
        assert ledger.heartbeat(sweep.id, "runner-a", 3600) == Flags(cancel=False, pause=False)
        assert (ledger.get_sweep(sweep.id).lease_expires_at or 0) > (sweep.lease_expires_at or 0) + 3000

    def test_a_sweep_with_a_living_lease_is_not_claimed(self, ledger: Ledger) -> None:
        running_sweep(ledger, "runner-a")
        assert ledger.claim_sweep("runner-b", 60) is None

    def test_a_sweep_whose_lease_ran_out_is_claimed_by_another_runner(self, ledger: Ledger) -> None:
        sweep = running_sweep(ledger, "runner-a")
        ledger.heartbeat(sweep.id, "runner-a", lease_seconds=0)
        taken = ledger.claim_sweep("runner-b", 60)
        assert taken is not None
        assert (taken.id, taken.runner_id, taken.started_at) == (sweep.id, "runner-b", sweep.started_at)

    def test_a_runner_that_lost_its_lease_cannot_write(self, ledger: Ledger) -> None:
        sweep = running_sweep(ledger, "runner-a")
        ledger.heartbeat(sweep.id, "runner-a", lease_seconds=0)
        ledger.claim_sweep("runner-b", 60)
        before = ledger.get_sweep(sweep.id)
        for write in (
            lambda: ledger.heartbeat(sweep.id, "runner-a", 60),
            lambda: ledger.append_trials(sweep.id, "runner-a", [ended_trial(0)]),
            lambda: ledger.release_sweep(sweep.id, "runner-a", "completed"),
        ):
            with pytest.raises(LeaseLostError, match="runner-a"):
                write()
        assert ledger.get_sweep(sweep.id) == before
        assert ledger.all_trials(sweep.id) == []

    def test_a_lease_that_ran_out_and_that_nobody_took_is_still_good(self, ledger: Ledger) -> None:
        sweep = running_sweep(ledger, "runner-a")
        ledger.heartbeat(sweep.id, "runner-a", lease_seconds=0)
        assert ledger.append_trials(sweep.id, "runner-a", [ended_trial(0)]) == 1
        ledger.heartbeat(sweep.id, "runner-a", 60)
        assert ledger.claim_sweep("runner-b", 60) is None

    def test_a_lease_on_an_unknown_sweep_is_lost(self, ledger: Ledger) -> None:
        with pytest.raises(LeaseLostError, match="nowhere"):
            ledger.append_trials("nowhere", "runner-a", [ended_trial(0)])

    def test_a_released_sweep_keeps_its_end(self, ledger: Ledger) -> None:
        sweep = running_sweep(ledger)
        ended = ledger.release_sweep(sweep.id, "runner-a", "failed", "RuntimeError: no data")
        assert ledger.get_sweep(sweep.id) == ended
        assert (ended.status, ended.error) == ("failed", "RuntimeError: no data")
        assert (ended.runner_id, ended.lease_expires_at) == (None, None)
        assert (ended.ended_at or 0) >= (ended.started_at or 1)

    def test_a_sweep_cannot_be_released_as_running(self, ledger: Ledger) -> None:
        sweep = running_sweep(ledger)
        with pytest.raises(ValueError, match="running"):
            ledger.release_sweep(sweep.id, "runner-a", "running")

    def test_a_sweep_given_back_is_claimed_again(self, ledger: Ledger) -> None:
        sweep = running_sweep(ledger)
        assert ledger.release_sweep(sweep.id, "runner-a", "queued").status == "queued"
        again = ledger.claim_sweep("runner-b", 60)
        assert again is not None
        assert again.id == sweep.id

    def test_a_pause_waits_for_the_runner_and_then_for_the_user(self, ledger: Ledger) -> None:
        sweep = running_sweep(ledger)
        assert ledger.request_pause(sweep.id).status == "running"
        assert ledger.heartbeat(sweep.id, "runner-a", 60) == Flags(cancel=False, pause=True)
        assert ledger.release_sweep(sweep.id, "runner-a", "paused").status == "paused"
        assert ledger.claim_sweep("runner-b", 60) is None
        assert ledger.request_resume(sweep.id).status == "queued"

    @pytest.mark.parametrize("given", ["queued", "paused"])
    def test_a_cancel_that_came_in_the_meantime_wins(self, ledger: Ledger, given: SweepStatus) -> None:
        sweep = running_sweep(ledger)
        ledger.request_pause(sweep.id)
        ledger.request_cancel(sweep.id)
        assert ledger.release_sweep(sweep.id, "runner-a", given).status == "cancelled"

    def test_a_resume_that_came_before_the_pause_took_effect_wins(self, ledger: Ledger) -> None:
        sweep = running_sweep(ledger)
        ledger.request_pause(sweep.id)
        ledger.request_resume(sweep.id)
        assert ledger.release_sweep(sweep.id, "runner-a", "paused").status == "queued"

    def test_runners_are_alive_while_their_heartbeat_is_fresh(self, ledger: Ledger) -> None:
        for name in ("runner-a", "runner-b"):
            ledger.register_runner(Runner(name, "host", 42, started_at=1.0, heartbeat_at=0.0, sweep_id=None))
        ledger.runner_heartbeat("runner-a", "some-sweep")
        alive = {runner.id: runner for runner in ledger.live_runners(60)}
        assert set(alive) == {"runner-a", "runner-b"}
        assert (alive["runner-a"].sweep_id, alive["runner-a"].pid) == ("some-sweep", 42)
        assert ledger.live_runners(-1) == []

    def test_a_runner_that_stops_in_good_order_is_not_alive(self, ledger: Ledger) -> None:
        runner = Runner("runner-a", "host", 42, started_at=1.0, heartbeat_at=0.0, sweep_id=None)
        ledger.register_runner(runner)
        ledger.register_runner(runner)
        ledger.forget_runner("runner-a")
        assert ledger.live_runners(60) == []
        with pytest.raises(NotFoundError, match="runner-a"):
            ledger.runner_heartbeat("runner-a", None)

    def test_a_ledger_that_answers_says_nothing(self, ledger: Ledger) -> None:
        ledger.ping()
        ledger.close()
        ledger.ping()
