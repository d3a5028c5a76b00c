"""Several processes on one ledger: started, racing, killed."""

import multiprocessing
import os
import signal
import threading
import time
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess

from sweeps.ledger import Ledger, open_ledger
from sweeps.ledger.base import Event
from tests.contracts.ledger_rows import ended_trial, new_sweep

PATIENCE_SECONDS = 60.0
SPAWN = multiprocessing.get_context("spawn")


class ProcessesContract:
    def test_processes_that_start_at_once_make_the_tables_once(self, ledger_url: str) -> None:
        found = _gather(_open_and_create, ledger_url, 4)
        assert len(set(found)) == 4
        ledger = open_ledger(ledger_url)
        assert {sweep.id for sweep in ledger.list_sweeps().items} == set(found)
        ledger.close()

    def test_racing_runners_never_hold_one_sweep(self, ledger: Ledger, ledger_url: str) -> None:
        ids = {ledger.create_sweep(new_sweep()).id for _ in range(40)}
        claims = [sweep_id for claimed in _gather(_claim_all, ledger_url, 3) for sweep_id in claimed]
        assert len(claims) == 40
        assert set(claims) == ids

    def test_racing_appends_store_each_trial_once(self, ledger: Ledger, ledger_url: str) -> None:
        sweep_id = ledger.create_sweep(new_sweep(num_trials=30)).id
        ledger.claim_sweep("shared", 600)
        stored = _gather(_append_thirty, ledger_url, 2)
        assert sum(stored) == 30
        after = ledger.get_sweep(sweep_id)
        assert (after.num_ended, after.outcomes) == (30, {"stable": 30})
        told = [t["number"] for e in ledger.events(sweep_id)[2:] for t in e.data["trials"]]
        assert sorted(told) == list(range(30))

    def test_a_killed_runners_sweep_is_claimed_once_its_lease_ran_out(
        self, ledger: Ledger, ledger_url: str
    ) -> None:
        sweep_id = ledger.create_sweep(new_sweep(num_trials=10_000)).id
        process, receiver = _start(_run_until_killed, ledger_url)
        assert receiver.recv() == "holding"
        assert ledger.claim_sweep("runner-b", 60) is None
        _kill(process)
        taken = _claim_patiently(ledger)
        assert taken == sweep_id

    def test_a_runner_killed_between_two_writes_leaves_counts_that_add_up(
        self, ledger: Ledger, ledger_url: str
    ) -> None:
        sweep_id = ledger.create_sweep(new_sweep(num_trials=10_000)).id
        process, receiver = _start(_run_until_killed, ledger_url)
        assert receiver.recv() == "holding"
        while ledger.get_sweep(sweep_id).num_ended < 6:
            assert process.is_alive()
        _kill(process)
        sweep = ledger.get_sweep(sweep_id)
        numbers = ledger.ended_numbers(sweep_id)
        assert numbers == set(range(sweep.num_ended))
        assert sum(sweep.outcomes.values()) == sweep.num_ended
        events = _all_events(ledger, sweep_id)
        assert [event.id for event in events] == list(range(1, len(events) + 1))
        assert events[-1].data["num_ended"] == sweep.num_ended

    def test_a_reader_never_sees_an_event_before_its_predecessors(self, ledger: Ledger) -> None:
        sweep_id = ledger.create_sweep(new_sweep()).id
        writers = [threading.Thread(target=_write_events, args=(ledger, sweep_id)) for _ in range(4)]
        for writer in writers:
            writer.start()
        seen: list[int] = []
        while len(seen) < 101:  # the first is sweep.queued
            seen += [event.id for event in ledger.events(sweep_id, after=seen[-1] if seen else 0)]
        for writer in writers:
            writer.join()
        assert seen == list(range(1, 102))


def _gather(work: object, url: str, num_processes: int) -> list:  # type: ignore[type-arg]
    """Run `work(url, sender)` in several processes that are let go at once; what each sent."""
    started = [_start(work, url) for _ in range(num_processes)]
    results = [receiver.recv() for _, receiver in started]
    for process, _ in started:
        process.join(PATIENCE_SECONDS)
        assert process.exitcode == 0
    return results


def _start(work: object, url: str) -> tuple[BaseProcess, Connection]:
    receiver, sender = SPAWN.Pipe(duplex=False)
    process = SPAWN.Process(target=work, args=(url, sender), daemon=True)  # type: ignore[arg-type]
    process.start()
    sender.close()
    return process, receiver


def _kill(process: BaseProcess) -> None:
    assert process.pid is not None
    os.kill(process.pid, signal.SIGKILL)
    process.join(PATIENCE_SECONDS)


def _claim_patiently(ledger: Ledger) -> str | None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        sweep = ledger.claim_sweep("runner-b", 60)
        if sweep is not None:
            return sweep.id
    return None


def _all_events(ledger: Ledger, sweep_id: str) -> list[Event]:
    return ledger.events(sweep_id, limit=1_000_000)


def _open_and_create(url: str, sender: Connection) -> None:
    sender.send(open_ledger(url).create_sweep(new_sweep()).id)


def _claim_all(url: str, sender: Connection) -> None:
    ledger = open_ledger(url)
    claimed = []
    while (sweep := ledger.claim_sweep(f"runner-{os.getpid()}", 600)) is not None:
        claimed.append(sweep.id)
    sender.send(claimed)


def _append_thirty(url: str, sender: Connection) -> None:
    ledger = open_ledger(url)
    sweep_id = ledger.list_sweeps().items[0].id
    sender.send(sum(ledger.append_trials(sweep_id, "shared", [ended_trial(number)]) for number in range(30)))


def _run_until_killed(url: str, sender: Connection) -> None:
    ledger = open_ledger(url)
    sweep = ledger.claim_sweep("runner-a", 1.0)
    assert sweep is not None
    sender.send("holding")
    for number in range(0, sweep.num_trials, 2):
        ledger.heartbeat(sweep.id, "runner-a", 1.0)
        ledger.append_trials(sweep.id, "runner-a", [ended_trial(number), ended_trial(number + 1)])


def _write_events(ledger: Ledger, sweep_id: str) -> None:
    for number in range(25):
        ledger.add_event(sweep_id, "pack.started", {"pack": number})
