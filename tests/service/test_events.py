"""The stream of events: complete, resumable, alive while quiet, and over when the sweep is."""

import threading
from collections.abc import Iterator

import httpx
import pytest
from httpx_sse import ServerSentEvent, connect_sse

from service.client import Client
from sweeps.ledger import Ledger
from sweeps.ledger.base import NewSweep, Sweep
from tests.service import samples


def read(api: httpx.Client, sweep: Sweep, **headers: str) -> list[ServerSentEvent]:
    with connect_sse(api, "GET", f"/v1/sweeps/{sweep.id}/events", headers=headers) as source:
        return [event for event in source.iter_sse() if event.data]


@pytest.fixture
def over(ledger: Ledger, sweep: Sweep) -> Sweep:
    claimed = samples.claim(ledger)
    samples.train(ledger, claimed, range(24))
    samples.train(ledger, claimed, range(24, 48))
    samples.finish(ledger, claimed)
    return sweep


def test_the_stream_of_a_finished_sweep_is_its_whole_history_and_ends(api: httpx.Client, over: Sweep) -> None:
    events = read(api, over)
    types = [event.event for event in events]
    assert types == [
        "sweep.queued", "sweep.started", "trials.ended", "trials.ended", "sweep.ended", "report.ready",
    ]  # fmt: skip
    ids = [int(event.id) for event in events]
    assert ids == sorted(set(ids))


def test_an_event_of_ended_trials_carries_what_a_map_needs(api: httpx.Client, over: Sweep) -> None:
    event = next(event for event in read(api, over) if event.event == "trials.ended")
    data = event.json()
    assert data["num_ended"] == 24
    assert sum(data["outcomes"].values()) == 24
    assert {"number", "outcome", "axes"} <= data["trials"][0].keys()


def test_the_stream_resumes_behind_the_last_event_seen(api: httpx.Client, over: Sweep) -> None:
    events = read(api, over)
    for seen in range(1, len(events)):
        rest = read(api, over, **{"Last-Event-ID": events[seen - 1].id})
        assert [event.id for event in rest] == [event.id for event in events[seen:]]


def test_a_stream_with_nothing_left_is_204_so_that_browsers_stop(api: httpx.Client, over: Sweep) -> None:
    last = read(api, over)[-1].id
    answer = api.get(f"/v1/sweeps/{over.id}/events", headers={"Last-Event-ID": last})
    assert answer.status_code == 204
    assert api.get(f"/v1/sweeps/{over.id}/events", params={"after": last}).status_code == 204


@pytest.mark.parametrize("last", ["x", "-1", "1.5"])
def test_a_last_event_id_that_is_none_is_refused(api: httpx.Client, sweep: Sweep, last: str) -> None:
    answer = api.get(f"/v1/sweeps/{sweep.id}/events", headers={"Last-Event-ID": last})
    assert answer.status_code == 422
    assert answer.json()["problems"][0]["path"] == "last-event-id"


def test_a_quiet_stream_sends_heartbeats(api: httpx.Client, sweep: Sweep) -> None:
    with api.stream("GET", f"/v1/sweeps/{sweep.id}/events") as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert any(line.startswith(": ping") for line in answer.iter_lines())


def test_events_arrive_while_the_sweep_runs_and_the_stream_waits_for_the_report(
    server: str, ledger: Ledger, sweep: Sweep
) -> None:
    def drive() -> Iterator[str]:
        """What happens to the sweep, one step for each event that the reader has seen."""
        claimed = samples.claim(ledger)
        yield "sweep.started"
        samples.train(ledger, claimed)
        yield "trials.ended"
        ledger.release_sweep(claimed.id, samples.RUNNER, "completed")
        yield "sweep.ended"
        ledger.store_report(claimed.id, "<p>report</p>", {})
        yield "report.ready"

    steps, expected = drive(), "sweep.queued"
    with Client(server) as client:
        for event in client.events(sweep.id):
            assert event.type == expected
            expected = next(steps, "nothing more")
    assert expected == "nothing more"


def test_two_readers_see_the_same_events(server: str, ledger: Ledger, sweep: Sweep) -> None:
    seen: list[list[int]] = [[], []]

    def listen(into: list[int]) -> None:
        with Client(server) as client:
            into.extend(event.id for event in client.events(sweep.id))

    readers = [threading.Thread(target=listen, args=(into,)) for into in seen]
    for reader in readers:
        reader.start()
    claimed = samples.claim(ledger)
    for number in range(12):
        samples.train(ledger, claimed, [number])
    samples.finish(ledger, claimed)
    for reader in readers:
        reader.join()
    assert seen[0] == seen[1] == [event.id for event in ledger.events(sweep.id)]


def test_the_stream_of_an_extended_sweep_goes_on_until_its_next_report(
    api: httpx.Client, ledger: Ledger, over: Sweep
) -> None:
    ledger.extend_sweep(over.id, NewSweep(over.name, over.spec, 50))
    claimed = samples.claim(ledger)
    ledger.release_sweep(claimed.id, samples.RUNNER, "completed")
    ledger.store_report(claimed.id, "<p>second", {})
    types = [event.event for event in read(api, over)]
    assert types[-6:] == [
        "report.ready", "sweep.extended", "sweep.queued", "sweep.started", "sweep.ended", "report.ready",
    ]  # fmt: skip


def test_a_sweep_whose_report_never_comes_does_not_hold_its_readers_for_ever(
    api: httpx.Client, ledger: Ledger, sweep: Sweep
) -> None:
    claimed = samples.claim(ledger)
    samples.train(ledger, claimed)
    ledger.release_sweep(claimed.id, samples.RUNNER, "completed")
    assert read(api, sweep)[-1].event == "sweep.ended"


def test_nobody_waits_for_the_report_of_a_sweep_without_a_trial(api: httpx.Client, sweep: Sweep) -> None:
    api.post(f"/v1/sweeps/{sweep.id}/cancel")
    assert read(api, sweep)[-1].event == "sweep.ended"
    last = read(api, sweep)[-1].id
    assert api.get(f"/v1/sweeps/{sweep.id}/events", params={"after": last}).status_code == 204
