"""Events: what happened to a sweep, in the order in which it happened."""

import pytest

from sweeps.errors import LeaseLostError, NotFoundError
from sweeps.ledger import Ledger
from tests.contracts.ledger_rows import ended_trial, new_sweep, running_sweep


class EventsContract:
    def test_a_sweep_tells_its_whole_life(self, ledger: Ledger) -> None:
        sweep = running_sweep(ledger)
        ledger.add_event(sweep.id, "pack.started", {"pack": 0})
        ledger.append_trials(sweep.id, "runner-a", [ended_trial(0), ended_trial(1)])
        ledger.request_pause(sweep.id)
        ledger.release_sweep(sweep.id, "runner-a", "paused")
        ledger.request_resume(sweep.id)
        ledger.claim_sweep("runner-b", 60)
        ledger.request_cancel(sweep.id)
        ledger.store_report(sweep.id, "<p>", {})
        ledger.release_sweep(sweep.id, "runner-b", "cancelled")
        events = ledger.events(sweep.id)
        assert [event.type for event in events] == [
            "sweep.queued", "sweep.started", "pack.started", "trials.ended", "sweep.paused", "sweep.queued",
            "sweep.started", "sweep.cancel_requested", "report.ready", "sweep.ended",
        ]  # fmt: skip
        assert [event.id for event in events] == list(range(1, 11))
        assert events[-1].data["status"] == "cancelled"

    def test_events_of_one_type_are_read_alone(self, ledger: Ledger) -> None:
        sweep = running_sweep(ledger)
        for number in range(3):
            ledger.append_trials(sweep.id, "runner-a", [ended_trial(number)])
            ledger.add_event(sweep.id, "pack.ended", {"pack": number})
        assert [event.data["pack"] for event in ledger.events(sweep.id, type="pack.ended")] == [0, 1, 2]
        assert ledger.events(sweep.id, type="report.ready") == []

    def test_ended_trials_are_told_with_what_a_map_needs(self, ledger: Ledger) -> None:
        sweep = running_sweep(ledger)
        ledger.append_trials(sweep.id, "runner-a", [ended_trial(0), ended_trial(1, "exploded", float("inf"))])
        data = ledger.events(sweep.id)[-1].data
        assert (data["num_ended"], data["outcomes"]) == (2, {"stable": 1, "exploded": 1})
        assert data["trials"][1] == {
            "number": 1,
            "outcome": "exploded",
            "axes": {"optimizer.lr": 0.1, "clip": {"kind": "none"}},
            "repeat": 1,
            "objective": None,
        }

    def test_a_trial_appended_again_is_not_told_again(self, ledger: Ledger) -> None:
        sweep = running_sweep(ledger)
        ledger.append_trials(sweep.id, "runner-a", [ended_trial(0)])
        ledger.append_trials(sweep.id, "runner-a", [ended_trial(0)])
        assert [event.type for event in ledger.events(sweep.id)].count("trials.ended") == 1

    def test_a_reader_goes_on_where_it_stopped(self, ledger: Ledger) -> None:
        sweep = ledger.create_sweep(new_sweep())
        for number in range(5):
            ledger.add_event(sweep.id, "pack.started", {"pack": number})
        first = ledger.events(sweep.id, limit=3)
        rest = ledger.events(sweep.id, after=first[-1].id)
        assert [event.id for event in (*first, *rest)] == [1, 2, 3, 4, 5, 6]
        assert ledger.events(sweep.id, after=6) == []

    def test_a_refused_write_leaves_no_event(self, ledger: Ledger) -> None:
        sweep = running_sweep(ledger)
        with pytest.raises(LeaseLostError):
            ledger.append_trials(sweep.id, "another", [ended_trial(0)])
        assert len(ledger.events(sweep.id)) == 2

    def test_an_event_needs_its_sweep(self, ledger: Ledger) -> None:
        with pytest.raises(NotFoundError, match="nowhere"):
            ledger.add_event("nowhere", "pack.started", {})
