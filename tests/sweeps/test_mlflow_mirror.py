"""The mirror brings every sweep and trial to its sink once, whatever breaks in between."""

import threading
from pathlib import Path

import pytest

from sweeps.ledger import Ledger, open_ledger
from sweeps.mlflow_backoff import Backoff
from sweeps.mlflow_mirror import BATCH, Mirror
from tests.contracts.ledger_rows import ended_sweep, ended_trial, exploded_trial, new_sweep, running_sweep
from tests.contracts.tracking_reader import ReadRun, RunReader
from tests.contracts.tracking_sink import TrackingSinkContract
from tests.sweeps.memory_sink import MemorySink


class NoRest(Backoff):
    """Tries again at once."""

    def resting(self) -> set[str]:
        return set()


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return open_ledger(f"sqlite:///{tmp_path / 'ledger.db'}")


class TestMemorySink(TrackingSinkContract):
    """The sink of these tests keeps what every sink promises."""

    @pytest.fixture
    def sink(self) -> MemorySink:
        return MemorySink()

    @pytest.fixture
    def reader(self, sink: MemorySink) -> RunReader:
        return sink  # type: ignore[return-value]


def drain(mirror: Mirror) -> int:
    """Everything that waits; the number of runs that were completed."""
    done = 0
    while more := mirror.drain_once():
        done += more
    return done


def children(sink: MemorySink) -> list[ReadRun]:
    return [run for run in sink.read() if run.tags["gradsweep.kind"] == "trial"]


def test_a_sweep_becomes_a_parent_with_a_child_for_each_trial(ledger: Ledger) -> None:
    sweep = ended_sweep(ledger, [ended_trial(0), exploded_trial(1), ended_trial(2)])
    sink = MemorySink()
    drain(Mirror(ledger, sink))
    (parent,) = (run for run in sink.read() if run.tags["gradsweep.kind"] == "sweep")
    assert (parent.name, parent.status) == (sweep.name, "FINISHED")
    assert {run.tags["mlflow.parentRunId"] for run in children(sink)} == {parent.run_id}
    assert [run.tags["outcome"] for run in children(sink)] == ["stable", "exploded", "stable"]
    assert ledger.get_sweep(sweep.id).mlflow_run_id == parent.run_id
    assert ledger.get_sweep(sweep.id).num_mirrored == 3
    assert {row.mlflow_run_id for row in ledger.all_trials(sweep.id)} == {
        run.run_id for run in children(sink)
    }


def test_a_running_sweep_is_mirrored_as_it_goes(ledger: Ledger) -> None:
    sweep = running_sweep(ledger)
    sink = MemorySink()
    mirror = Mirror(ledger, sink)
    drain(mirror)
    assert [run.status for run in sink.read()] == ["RUNNING"]
    ledger.append_trials(sweep.id, "runner-a", [ended_trial(0)])
    drain(mirror)
    assert [run.status for run in sink.read()] == ["RUNNING", "FINISHED"]
    ledger.release_sweep(sweep.id, "runner-a", "cancelled")
    drain(mirror)
    assert [run.status for run in sink.read()] == ["KILLED", "FINISHED"]


def test_a_queued_sweep_has_no_run(ledger: Ledger) -> None:
    ledger.create_sweep(new_sweep())
    sink = MemorySink()
    assert drain(Mirror(ledger, sink)) == 0
    assert sink.num_requests == 0


def test_a_report_that_comes_later_reaches_the_parent(ledger: Ledger) -> None:
    sweep = ended_sweep(ledger, [ended_trial(0)])
    sink = MemorySink()
    mirror = Mirror(ledger, sink)
    drain(mirror)
    ledger.store_report(sweep.id, "<p>report", {"edges": []}, markdown="# Map", files={"map.png": b"png"})
    drain(mirror)
    parent_id = ledger.get_sweep(sweep.id).mlflow_run_id or ""
    assert sink.artifact(parent_id, "report.html") == b"<p>report"
    assert sink.artifact(parent_id, "plots/map.png") == b"png"
    assert sink.run(parent_id).tags["mlflow.note.content"].endswith("\n\n# Map")


def test_nothing_is_asked_of_the_sink_when_nothing_waits(ledger: Ledger) -> None:
    ended_sweep(ledger, [ended_trial(0)])
    sink = MemorySink()
    mirror = Mirror(ledger, sink)
    drain(mirror)
    before = sink.num_requests
    assert mirror.drain_once() == 0
    assert sink.num_requests == before


NUM_TRIALS = 5


def requests_of_a_whole_sweep(folder: Path) -> int:
    ledger = open_ledger(f"sqlite:///{folder / 'whole.db'}")
    ended_sweep(ledger, [ended_trial(number) for number in range(NUM_TRIALS)])
    sink = MemorySink()
    drain(Mirror(ledger, sink))
    return sink.num_requests


@pytest.mark.parametrize("took_effect", [False, True])
def test_a_sink_that_breaks_at_any_request_gets_each_run_once(tmp_path: Path, took_effect: bool) -> None:
    for broken in range(1, requests_of_a_whole_sweep(tmp_path) + 1):
        ledger = open_ledger(f"sqlite:///{tmp_path / f'{broken}.db'}")
        sweep = ended_sweep(ledger, [ended_trial(number) for number in range(NUM_TRIALS)])
        sink = MemorySink(broken, took_effect)
        mirror = Mirror(ledger, sink, backoff=NoRest())
        while ledger.pending_mirror(1).trials or ledger.pending_mirror(1).sweeps:
            mirror.drain_once()
        assert sink.breaks_at is None
        check_complete(sink, ledger, sweep.id)


@pytest.mark.parametrize("took_effect", [False, True])
def test_a_mirror_that_dies_at_any_request_is_followed_by_one_that_completes_its_work(
    tmp_path: Path, took_effect: bool
) -> None:
    for broken in range(1, requests_of_a_whole_sweep(tmp_path) + 1):
        ledger = open_ledger(f"sqlite:///{tmp_path / f'{broken}.db'}")
        sweep = ended_sweep(ledger, [ended_trial(number) for number in range(NUM_TRIALS)])
        sink = MemorySink(broken, took_effect)
        dying = Mirror(ledger, sink, lease_seconds=0)  # its lease has run out when the next one comes
        while sink.breaks_at is not None:
            dying.drain_once()
        drain(Mirror(ledger, sink))
        check_complete(sink, ledger, sweep.id)


def check_complete(sink: MemorySink, ledger: Ledger, sweep_id: str) -> None:
    """One parent and one child per trial, all ended, and the ledger knows them."""
    numbers = sorted(int(run.tags["gradsweep.trial"]) for run in children(sink))
    assert numbers == list(range(NUM_TRIALS))
    assert len(sink.read()) == NUM_TRIALS + 1
    assert {run.status for run in sink.read()} == {"FINISHED"}
    assert all(len(sink.history(run.run_id, "train_loss")) == 4 for run in children(sink))
    assert ledger.get_sweep(sweep_id).num_mirrored == NUM_TRIALS


def test_two_mirrors_do_not_work_at_the_same_time(ledger: Ledger) -> None:
    ended_sweep(ledger, [ended_trial(number) for number in range(3 * BATCH)])
    sink = MemorySink()
    first, second = Mirror(ledger, sink), Mirror(ledger, sink)
    assert first.drain_once() > 0
    assert second.drain_once() == 0
    first.release()
    assert second.drain_once() > 0


def test_a_sweep_that_the_sink_refuses_does_not_hold_up_the_others(ledger: Ledger) -> None:
    class Refusing(MemorySink):
        def create_runs(self, experiment_id, drafts):  # type: ignore[no-untyped-def]
            if drafts[0].name == "refused":
                self.breaks_at = self.num_requests + 1
            return super().create_runs(experiment_id, drafts)

    running_sweep(ledger, "runner-a", name="refused")
    fine = running_sweep(ledger, "runner-b", name="fine")
    ledger.append_trials(fine.id, "runner-b", [ended_trial(0)])
    sink = Refusing()
    drain(Mirror(ledger, sink))
    assert [run.name for run in sink.read()] == ["fine", "lr=0.1 clip=none #0"]


def test_a_run_that_somebody_deleted_is_not_brought_back(ledger: Ledger) -> None:
    sweep = running_sweep(ledger)
    sink = MemorySink()
    mirror = Mirror(ledger, sink)
    drain(mirror)
    sink.runs_by_id.clear()
    ledger.release_sweep(sweep.id, "runner-a", "completed")
    drain(mirror)
    assert sink.read() == []
    assert ledger.pending_mirror(1).sweeps == []


def test_a_running_mirror_stops_when_told_and_lets_the_next_one_work(ledger: Ledger) -> None:
    sweep = ended_sweep(ledger, [ended_trial(0)])
    sink, stop = MemorySink(), threading.Event()
    mirror = Mirror(ledger, sink)
    thread = threading.Thread(target=mirror.run, args=(stop,))
    thread.start()
    while ledger.events(sweep.id)[-1].type != "sweep.mirrored":
        thread.join(0.01)
        assert thread.is_alive()
    stop.set()
    thread.join(30)
    assert not thread.is_alive()
    assert ledger.claim_mirror("another", 60)


def test_draining_tells_whether_all_is_mirrored(ledger: Ledger) -> None:
    ended_sweep(ledger, [ended_trial(0)])
    assert Mirror(ledger, MemorySink()).drain(60)
    ended_sweep(ledger, [ended_trial(0)])
    ledger.claim_mirror("another", 60)
    assert not Mirror(ledger, MemorySink()).drain(0)
