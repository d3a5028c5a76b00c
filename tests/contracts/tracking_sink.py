"""What every sink of the mirror must do, wherever its runs go."""

import uuid

import pytest

from sweeps.mlflow_drafts import Artifact, MetricPoint, RunDraft, UsedDataset
from sweeps.mlflow_sink import TrackingSink
from tests.contracts.tracking_reader import RunReader

AT = 1_700_000_000.0


def draft(sweep: str, trial: int = 0, **changes: object) -> RunDraft:
    """A run with a little of everything."""
    values: dict[str, object] = {
        "identity": {"gradsweep.sweep_id": sweep, "gradsweep.trial": str(trial)},
        "name": f"lr=0.1 #{trial}",
        "status": "FINISHED",
        "started_at": AT,
        "ended_at": AT + 2.5,
        "tags": {"outcome": "stable"},
        "closing_tags": {"closed": "yes"},
        "params": {"optimizer.lr": "0.1"},
        "metrics": (MetricPoint("train_loss", 0.5, 9, 1_700_000_001_000),),
        "artifacts": (Artifact("notes/hello.txt", b"hello"),),
    }
    return RunDraft(**(values | changes))  # type: ignore[arg-type]


class TrackingSinkContract:
    """A subclass gives the fixtures `sink` and `reader`, which read the same store."""

    @pytest.fixture
    def sweep(self) -> str:
        """An id of its own, because several classes of tests may share a store."""
        return uuid.uuid4().hex

    def test_an_experiment_is_made_once(self, sink: TrackingSink) -> None:
        assert sink.experiment_id("one") == sink.experiment_id("one")
        assert sink.experiment_id("one") != sink.experiment_id("two")

    def test_a_run_gets_everything_of_its_draft(
        self, sink: TrackingSink, sweep: str, reader: RunReader
    ) -> None:
        experiment = sink.experiment_id("drafts")
        (run,) = sink.create_runs(experiment, [draft(sweep)])
        sink.write_runs([(run, draft(sweep))])
        found = reader.run(run.run_id)
        assert (found.name, found.status) == ("lr=0.1 #0", "FINISHED")
        assert (found.started_at, found.ended_at) == (AT, AT + 2.5)
        assert found.params == {"optimizer.lr": "0.1"}
        assert found.tags["outcome"] == "stable"
        assert found.tags["closed"] == "yes"
        assert found.tags["gradsweep.trial"] == "0"
        assert reader.history(run.run_id, "train_loss") == [(9, 0.5, 1_700_000_001_000)]
        assert reader.artifact(run.run_id, "notes/hello.txt") == b"hello"

    def test_a_run_names_the_data_that_it_used(
        self, sink: TrackingSink, sweep: str, reader: RunReader
    ) -> None:
        experiment = sink.experiment_id("data")
        digits = UsedDataset("digits", "0123abcd", '{"kind": "digits"}')
        other = UsedDataset("digits", "4567cdef", '{"kind": "digits", "n": 10}')
        drafts = [
            draft(sweep, trial, dataset=used) for trial, used in enumerate((digits, digits, other, None))
        ]
        runs = sink.create_runs(experiment, drafts)
        for _ in range(2):
            sink.write_runs(list(zip(runs, drafts, strict=True)))
        told = [reader.run(run.run_id).datasets for run in runs]
        assert told[0] == told[1] == [("digits", "0123abcd", '{"kind": "digits"}', "training")]
        assert told[2] == [("digits", "4567cdef", '{"kind": "digits", "n": 10}', "training")]
        assert told[3] == []

    def test_a_created_run_is_found_before_it_is_written(self, sink: TrackingSink, sweep: str) -> None:
        experiment = sink.experiment_id("found")
        drafts = [draft(sweep, trial) for trial in range(3)]
        runs = sink.create_runs(experiment, drafts)
        assert [sink.find_run(experiment, item.identity) for item in drafts] == runs
        assert sink.find_run(experiment, {"gradsweep.sweep_id": sweep, "gradsweep.trial": "9"}) is None

    def test_writing_a_run_twice_changes_nothing(
        self, sink: TrackingSink, sweep: str, reader: RunReader
    ) -> None:
        experiment = sink.experiment_id("twice")
        (run,) = sink.create_runs(experiment, [draft(sweep)])
        sink.write_runs([(run, draft(sweep))])
        before = reader.run(run.run_id), reader.history(run.run_id, "train_loss")
        sink.write_runs([(run, draft(sweep))])
        assert (reader.run(run.run_id), reader.history(run.run_id, "train_loss")) == before

    def test_a_run_without_an_end_goes_on(self, sink: TrackingSink, sweep: str, reader: RunReader) -> None:
        experiment = sink.experiment_id("running")
        opening = draft(sweep, status="RUNNING", ended_at=None)
        (run,) = sink.create_runs(experiment, [opening])
        sink.write_runs([(run, opening)])
        assert (reader.run(run.run_id).status, reader.run(run.run_id).ended_at) == ("RUNNING", None)

    def test_more_than_one_request_can_hold_arrives_complete(
        self, sink: TrackingSink, sweep: str, reader: RunReader
    ) -> None:
        experiment = sink.experiment_id("large")
        large = draft(
            sweep,
            metrics=tuple(MetricPoint("loss", float(n), n, 1_700_000_000_000 + n) for n in range(1500)),
            params={f"p{n}": str(n) for n in range(120)},
            closing_tags={f"t{n}": str(n) for n in range(120)},
        )
        (run,) = sink.create_runs(experiment, [large])
        sink.write_runs([(run, large)])
        found = reader.run(run.run_id)
        assert len(found.params) == 120
        assert len([key for key in found.tags if key.startswith("t")]) == 120
        assert [step for step, _, _ in reader.history(run.run_id, "loss")] == list(range(1500))

    @pytest.mark.parametrize("length", [9000, 8000])
    def test_a_tag_too_long_for_mlflow_is_cut(
        self, sink: TrackingSink, sweep: str, reader: RunReader, length: int
    ) -> None:
        experiment = sink.experiment_id("long")
        long = draft(sweep, closing_tags={"note": "x" * length})
        (run,) = sink.create_runs(experiment, [long])
        sink.write_runs([(run, long)])
        assert len(reader.run(run.run_id).tags["note"]) == 8000
