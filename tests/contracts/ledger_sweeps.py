"""Sweeps: stored, listed, asked to change, deleted."""

import pytest

from sweeps.errors import ConflictError, CursorError, NotFoundError
from sweeps.ledger import Ledger
from tests.contracts.ledger_rows import ended_sweep, ended_trial, new_sweep, running_sweep


class SweepsContract:
    def test_a_new_sweep_is_queued_and_reads_back_as_it_was_given(self, ledger: Ledger) -> None:
        created = ledger.create_sweep(new_sweep("named", 7, tags={"team": "vision"}))
        assert ledger.get_sweep(created.id) == created
        assert (created.name, created.status, created.num_trials) == ("named", "queued", 7)
        assert created.spec == new_sweep("named").spec
        assert created.tags == {"team": "vision"}
        assert (created.num_ended, created.outcomes, created.started_at) == (0, {}, None)

    def test_an_infinite_number_in_a_spec_is_stored_as_none(self, ledger: Ledger) -> None:
        created = ledger.create_sweep(new_sweep(spec={"lr": float("inf"), "steps": 3}))
        assert ledger.get_sweep(created.id).spec == {"lr": None, "steps": 3}

    def test_an_unknown_sweep_is_named_in_the_error(self, ledger: Ledger) -> None:
        with pytest.raises(NotFoundError, match="nowhere"):
            ledger.get_sweep("nowhere")

    def test_ids_sort_by_time_of_creation(self, ledger: Ledger) -> None:
        ids = [ledger.create_sweep(new_sweep()).id for _ in range(20)]
        assert ids == sorted(ids)
        assert len(set(ids)) == 20

    def test_an_idempotency_key_with_the_same_spec_gives_the_earlier_sweep(self, ledger: Ledger) -> None:
        first = ledger.create_sweep(new_sweep(idempotency_key="k1"))
        assert ledger.create_sweep(new_sweep(idempotency_key="k1")) == first
        assert len(ledger.list_sweeps().items) == 1

    def test_an_idempotency_key_with_another_spec_conflicts(self, ledger: Ledger) -> None:
        ledger.create_sweep(new_sweep(idempotency_key="k1"))
        with pytest.raises(ConflictError, match="k1"):
            ledger.create_sweep(new_sweep(spec={"other": True}, idempotency_key="k1"))
        assert len(ledger.list_sweeps().items) == 1

    def test_sweeps_without_a_key_are_never_the_same(self, ledger: Ledger) -> None:
        assert ledger.create_sweep(new_sweep()).id != ledger.create_sweep(new_sweep()).id

    def test_pages_list_each_sweep_once_with_the_newest_first(self, ledger: Ledger) -> None:
        ids = [ledger.create_sweep(new_sweep(f"s{number}")).id for number in range(5)]
        first = ledger.list_sweeps(limit=2)
        ledger.create_sweep(new_sweep("arrived between two pages"))
        second = ledger.list_sweeps(limit=2, cursor=first.next_cursor)
        third = ledger.list_sweeps(limit=2, cursor=second.next_cursor)
        assert [sweep.id for page in (first, second, third) for sweep in page.items] == ids[::-1]
        assert third.next_cursor is None

    def test_a_full_last_page_has_no_cursor(self, ledger: Ledger) -> None:
        ledger.create_sweep(new_sweep())
        ledger.create_sweep(new_sweep())
        assert ledger.list_sweeps(limit=2).next_cursor is None

    @pytest.mark.parametrize("cursor", ["", "no-cursor", "WyJ0cmlhbHMiLDFd", "é", "W10"])
    def test_a_foreign_cursor_is_refused(self, ledger: Ledger, cursor: str) -> None:
        with pytest.raises(CursorError):
            ledger.list_sweeps(cursor=cursor)

    def test_listings_filter_by_status_name_and_tag(self, ledger: Ledger) -> None:
        alpha = ledger.create_sweep(new_sweep("alpha", tags={"team": "vision", "url": "a:b:c"}))
        beta = ledger.create_sweep(new_sweep("beta", tags={"team": "speech"}))
        ledger.request_cancel(beta.id)

        def found(**filters: str) -> list[str]:
            return [sweep.name for sweep in ledger.list_sweeps(**filters).items]  # type: ignore[arg-type]

        assert found(status="queued") == ["alpha"]
        assert found(status="cancelled") == ["beta"]
        assert found(name="beta") == ["beta"]
        assert found(tag="team") == ["beta", "alpha"]
        assert found(tag="team:vision") == ["alpha"]
        assert found(tag="url:a:b:c") == ["alpha"]
        assert found(tag="team:vision", name="beta") == []
        assert ledger.get_sweep(alpha.id).tags == {"team": "vision", "url": "a:b:c"}

    def test_cancelling_a_queued_sweep_ends_it_at_once(self, ledger: Ledger) -> None:
        sweep = ledger.request_cancel(ledger.create_sweep(new_sweep()).id)
        assert sweep.status == "cancelled"
        assert sweep.ended_at is not None
        assert ledger.claim_sweep("runner-a", 60) is None

    def test_cancelling_a_running_sweep_asks_its_runner(self, ledger: Ledger) -> None:
        sweep = ledger.request_cancel(running_sweep(ledger).id)
        assert (sweep.status, sweep.cancel_requested) == ("running", True)
        assert ledger.heartbeat(sweep.id, "runner-a", 60).cancel

    def test_cancelling_the_sweep_of_a_dead_runner_ends_it_at_once(self, ledger: Ledger) -> None:
        sweep = running_sweep(ledger)
        ledger.heartbeat(sweep.id, "runner-a", lease_seconds=0)
        assert ledger.request_cancel(sweep.id).status == "cancelled"

    def test_cancelling_twice_changes_nothing(self, ledger: Ledger) -> None:
        sweep = running_sweep(ledger)
        assert ledger.request_cancel(sweep.id) == ledger.request_cancel(sweep.id)
        ended = ledger.release_sweep(sweep.id, "runner-a", "cancelled")
        assert ledger.request_cancel(sweep.id) == ended

    def test_a_completed_sweep_takes_no_wishes(self, ledger: Ledger) -> None:
        sweep = ended_sweep(ledger, [ended_trial(0)])
        for wish in (ledger.request_cancel, ledger.request_pause, ledger.request_resume):
            with pytest.raises(ConflictError, match="completed"):
                wish(sweep.id)

    def test_a_queued_sweep_pauses_at_once_and_queues_again(self, ledger: Ledger) -> None:
        sweep = ledger.create_sweep(new_sweep())
        assert ledger.request_pause(sweep.id).status == "paused"
        assert ledger.claim_sweep("runner-a", 60) is None
        assert ledger.request_resume(sweep.id).status == "queued"
        claimed = ledger.claim_sweep("runner-a", 60)
        assert claimed is not None
        assert not claimed.pause_requested

    def test_an_extended_sweep_queues_again_with_what_it_has_and_without_its_report(
        self, ledger: Ledger
    ) -> None:
        sweep = ended_sweep(ledger, [ended_trial(0), ended_trial(1)], num_trials=2)
        ledger.store_report(sweep.id, "<p>", {}, files={"map.png": b"png"})
        extended = ledger.extend_sweep(sweep.id, new_sweep(num_trials=4, spec={"seeds": 2, "more": True}))
        assert (extended.status, extended.num_trials, extended.num_ended) == ("queued", 4, 2)
        assert (extended.spec, extended.ended_at) == ({"seeds": 2, "more": True}, None)
        assert ledger.get_stored_report(sweep.id) is None
        assert [event.type for event in ledger.events(sweep.id)[-2:]] == ["sweep.extended", "sweep.queued"]
        claimed = ledger.claim_sweep("runner-b", 60)
        assert claimed is not None
        assert ledger.append_trials(sweep.id, "runner-b", [ended_trial(1), ended_trial(2)]) == 1
        assert ledger.release_sweep(sweep.id, "runner-b", "completed").num_ended == 3

    def test_a_cancelled_sweep_that_is_extended_runs_again(self, ledger: Ledger) -> None:
        sweep = ledger.create_sweep(new_sweep())
        ledger.request_cancel(sweep.id)
        assert not ledger.extend_sweep(sweep.id, new_sweep(num_trials=9)).cancel_requested
        assert ledger.claim_sweep("runner-a", 60) is not None

    def test_a_sweep_that_a_runner_holds_is_not_extended(self, ledger: Ledger) -> None:
        sweep = running_sweep(ledger)
        with pytest.raises(ConflictError, match="running"):
            ledger.extend_sweep(sweep.id, new_sweep(num_trials=9))
        with pytest.raises(NotFoundError):
            ledger.extend_sweep("absent", new_sweep())

    def test_only_an_ended_sweep_can_be_deleted(self, ledger: Ledger) -> None:
        sweep = running_sweep(ledger)
        with pytest.raises(ConflictError, match="running"):
            ledger.delete_sweep(sweep.id)

    def test_a_deleted_sweep_leaves_nothing(self, ledger: Ledger) -> None:
        sweep = ended_sweep(ledger, [ended_trial(0)], tags={"team": "vision"})
        ledger.store_report(sweep.id, "<p>", {"edges": []}, files={"map.png": b"png"})
        ledger.delete_sweep(sweep.id)
        with pytest.raises(NotFoundError):
            ledger.get_sweep(sweep.id)
        assert ledger.all_trials(sweep.id) == []
        assert ledger.events(sweep.id) == []
        assert ledger.get_stored_report(sweep.id) is None
        assert ledger.list_sweeps(tag="team").items == []

    def test_a_report_reads_back_and_can_be_replaced(self, ledger: Ledger) -> None:
        sweep = ended_sweep(ledger, [ended_trial(0)])
        assert ledger.get_report(sweep.id) is None
        assert ledger.get_analysis(sweep.id) is None
        ledger.store_report(sweep.id, "<p>old", {"edge": float("nan")}, files={"old.png": b"1"})
        assert ledger.get_analysis(sweep.id) == {"edge": None}
        ledger.store_report(sweep.id, "<p>new", {"edge": 1}, markdown="# new", files={"map.png": b"\x00\xff"})
        assert ledger.get_report(sweep.id) == "<p>new"
        stored = ledger.get_stored_report(sweep.id)
        assert stored is not None
        assert (stored.markdown, stored.files) == ("# new", {"map.png": b"\x00\xff"})

    def test_a_report_needs_its_sweep(self, ledger: Ledger) -> None:
        with pytest.raises(NotFoundError, match="nowhere"):
            ledger.store_report("nowhere", "<p>", {})
