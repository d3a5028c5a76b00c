"""The mirror into a real MLflow: over HTTP to a server, and into SQLite without one."""

import json
import math
import os
import signal
import sqlite3
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path

import pytest

from sweeps.ledger import Ledger, open_ledger
from sweeps.mlflow_client_sink import ClientSink
from sweeps.mlflow_main import mirror_argv
from sweeps.mlflow_mirror import Mirror
from sweeps.mlflow_names import CURVES, SUMMARY, SWEEP_METRICS
from sweeps.mlflow_sink import TrackingError
from sweeps.mlflow_store import TrackingStore
from sweeps.mlflow_table_sink import TableSink
from sweeps.runner_model import store_model
from tests.contracts.ledger_rows import ended_sweep, ended_trial, exploded_trial, running_sweep
from tests.contracts.mlflow_server import RunningServer, free_port, mlflow_server
from tests.contracts.statements import statements
from tests.contracts.tracking_reader import ClientReader
from tests.contracts.tracking_sink import AT, TrackingSinkContract, draft
from tests.sweeps.model_sweep import model_sweep
from trainers.once import train_once
from trainers.saved_model import load_model

pytestmark = pytest.mark.integration

BATCH_STATEMENTS = 10
"""Runs, first tags, metrics, their latest, parameters, tags and the end: nine for a batch of any size."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    with mlflow_server(tmp_path_factory.mktemp("mlflow")) as server:
        yield server


@pytest.fixture
def server_url(server: RunningServer) -> str:
    return server.url


@pytest.fixture
def ledger_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'ledger.db'}"


@pytest.fixture
def ledger(ledger_url: str) -> Iterator[Ledger]:
    ledger = open_ledger(ledger_url)
    yield ledger
    ledger.close()


@pytest.fixture
def reader(server_url: str, tmp_path: Path) -> ClientReader:
    return ClientReader(server_url, tmp_path)


class TestServerSink(TrackingSinkContract):
    @pytest.fixture
    def sink(self, server_url: str) -> ClientSink:
        return ClientSink(server_url)

    def test_of_two_runs_of_one_identity_the_older_is_found(self, sink: ClientSink, sweep: str) -> None:
        experiment = sink.experiment_id("twins")
        drafts = [draft(sweep, started_at=AT + 60), draft(sweep, started_at=AT)]
        younger, older = sink.create_runs(experiment, drafts)
        assert sink.find_run(experiment, draft(sweep).identity) == older
        assert younger != older


@pytest.fixture(scope="module")
def sqlite_uri(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A store without a server."""
    return f"sqlite:///{tmp_path_factory.mktemp('store') / 'mlflow.db'}"


class TestSqliteSink(TrackingSinkContract):
    @pytest.fixture
    def sink(self, sqlite_uri: str) -> ClientSink:
        return ClientSink(sqlite_uri)

    @pytest.fixture
    def reader(self, sqlite_uri: str, tmp_path: Path) -> ClientReader:
        return ClientReader(sqlite_uri, tmp_path)


class TestTableSinkOfAStore(TestSqliteSink):
    @pytest.fixture
    def sink(self, sqlite_uri: str) -> ClientSink:
        store = TrackingStore.of_uri(sqlite_uri)
        assert store is not None
        return TableSink(sqlite_uri, store)


class TestTableSinkOfAServer(TrackingSinkContract):
    @pytest.fixture
    def sink(self, server: RunningServer) -> ClientSink:
        return TableSink(server.url, server.store)

    def test_two_mirrors_that_make_the_same_run_make_one(
        self, server: RunningServer, sweep: str, reader: ClientReader
    ) -> None:
        first, second = (TableSink(server.url, server.store) for _ in range(2))
        experiment = first.experiment_id("raced")
        runs = [sink.create_runs(experiment, [draft(sweep)]) for sink in (first, second)]
        for sink, made in zip((first, second), runs, strict=True):
            sink.write_runs([(made[0], draft(sweep))])
        assert runs[0] == runs[1]
        assert first.find_run(experiment, draft(sweep).identity) == runs[0][0]
        assert reader.history(runs[0][0].run_id, "train_loss") == [(9, 0.5, 1_700_000_001_000)]


def test_readers_cannot_tell_a_run_in_the_tables_from_one_over_http(
    server: RunningServer, tmp_path: Path
) -> None:
    sinks = [ClientSink(server.url), TableSink(server.url, server.store)]
    answers = []
    for sink in sinks:
        experiment = sink.experiment_id("indistinguishable")
        (run,) = sink.create_runs(experiment, [draft("s")])
        sink.write_runs([(run, draft("s"))])
        answers.append(_raw_run(server.url, run.run_id).replace(run.run_id, "RUN"))
    assert answers[0] == answers[1]


def test_runs_that_are_written_together_cost_one_runs_statements(tmp_path: Path) -> None:
    uri = f"sqlite:///{tmp_path / 'mlflow.db'}"
    experiment = ClientSink(uri).experiment_id("counted")
    sink = TableSink(uri, TrackingStore(uri, tmp_path / "mlartifacts"))
    sink.create_runs(experiment, [draft("a look at the tables comes first")])
    counts = []
    for num_runs in (1, 32):
        drafts = [draft(f"sweep of {num_runs}", trial) for trial in range(num_runs)]
        with statements() as seen:
            sink.write_runs(list(zip(sink.create_runs(experiment, drafts), drafts, strict=True)))
        counts.append(len(seen))
    assert counts[0] == counts[1] <= BATCH_STATEMENTS


def test_a_store_of_another_version_is_written_over_http(tmp_path: Path) -> None:
    uri = f"sqlite:///{tmp_path / 'mlflow.db'}"
    store = TrackingStore(uri, tmp_path / "mlartifacts")
    experiment = ClientSink(uri).experiment_id("later")
    with sqlite3.connect(tmp_path / "mlflow.db") as connection:
        connection.execute("ALTER TABLE metrics ADD COLUMN unit TEXT")
    sink = TableSink(uri, store)
    (run,) = sink.create_runs(experiment, [draft("s")])
    sink.write_runs([(run, draft("s"))])
    assert ClientReader(uri, tmp_path).run(run.run_id).metrics == {"train_loss": 0.5}


def test_a_store_whose_server_never_started_is_an_error_of_ours(tmp_path: Path) -> None:
    uri = f"sqlite:///{tmp_path / 'mlflow.db'}"
    sink = TableSink(f"http://127.0.0.1:{free_port()}", TrackingStore(uri))
    with pytest.raises(TrackingError, match="no tables yet"):
        sink.create_runs("1", [draft("s")])


def test_artifacts_without_a_server_lie_beside_the_database(tmp_path: Path) -> None:
    sink = ClientSink(f"sqlite:///{tmp_path / 'mlflow.db'}")
    (run,) = sink.create_runs(sink.experiment_id("here"), [draft("s")])
    sink.write_runs([(run, draft("s"))])
    (file,) = (tmp_path / "mlartifacts").rglob("hello.txt")
    assert file.read_bytes() == b"hello"


def _raw_run(url: str, run_id: str) -> str:
    """Everything that the server says of a run."""
    with urllib.request.urlopen(f"{url}/api/2.0/mlflow/runs/get?run_id={run_id}") as answer:
        run = json.load(answer)["run"]
    for part in ("metrics", "params", "tags"):
        run["data"][part].sort(key=lambda item: item["key"])
    return json.dumps(run, sort_keys=True, indent=1)


def test_a_sweep_reads_back_as_design_maps_it(ledger: Ledger, server_url: str, reader: ClientReader) -> None:
    sweep = ended_sweep(ledger, [ended_trial(0), exploded_trial(1)], tags={"team": "vision"})
    ledger.store_report(sweep.id, "<p>report", {"edges": []}, markdown="# Map", files={"map.png": b"png"})
    assert Mirror(ledger, ClientSink(server_url), "as-designed").drain(60)
    parent, *_ = reader.runs("as-designed", "tags.gradsweep.kind = 'sweep'")
    assert (parent.name, parent.status, parent.tags["team"]) == ("clip-vs-lr", "FINISHED", "vision")
    assert parent.tags["mlflow.note.content"].endswith("# Map")
    assert parent.metrics["trials_exploded"] == 1
    assert reader.artifact(parent.run_id, "report.html") == b"<p>report"
    assert reader.artifact(parent.run_id, "plots/map.png") == b"png"
    assert b"exploded" in reader.artifact(parent.run_id, "tables/trials.csv")
    (exploded,) = reader.runs("as-designed", "tags.outcome = 'exploded'")
    assert exploded.name == "lr=0.1 clip=none #1"
    assert exploded.tags["mlflow.parentRunId"] == parent.run_id
    assert exploded.tags["outcome.layer"] == "fc1"
    assert exploded.metrics["first_nonfinite_step"] == 17
    assert exploded.params["optimizer.lr"] == "0.1"
    assert [step for step, _, _ in reader.history(exploded.run_id, "train_loss")] == [10, 20, 30, 40]


@pytest.mark.parametrize("way", ["server", "tables"])
def test_a_model_is_registered_once_and_loads_with_its_recorded_loss(
    way: str, ledger: Ledger, server: RunningServer, reader: ClientReader
) -> None:
    sweep_id = model_sweep(ledger, register_model=f"best of the {way}'s")
    sink = ClientSink(server.url) if way == "server" else TableSink(server.url, server.store)
    assert Mirror(ledger, sink, f"models-{way}").drain(60)
    assert reader.versions(f"best of the {way}'s") == []
    assert store_model(ledger, sweep_id, train_once)
    assert Mirror(ledger, sink, f"models-{way}").drain(60)
    stored = ledger.get_stored_report(sweep_id)
    assert stored is not None
    ledger.store_report(sweep_id, stored.html, stored.analysis, markdown="again", files=stored.files)
    assert Mirror(ledger, sink, f"models-{way}").drain(60)
    (version,) = reader.versions(f"best of the {way}'s")
    (parent,) = reader.runs(f"models-{way}", "tags.gradsweep.kind = 'sweep'")
    assert (version.run_id, version.tags["gradsweep.sweep_id"]) == (parent.run_id, sweep_id)
    assert "trained once more with the seed of trial" in version.description
    loss = load_model(reader.model(version)).evaluate()["eval_loss"]
    trial = ledger.get_trial(sweep_id, int(version.tags["gradsweep.trial"]))
    assert loss == float(version.tags["eval_loss"])
    assert loss == pytest.approx(trial.record.final["eval_loss"], rel=1e-5)


def test_every_metric_in_mlflow_is_finite_and_documented(
    ledger: Ledger, server_url: str, reader: ClientReader
) -> None:
    ended_sweep(ledger, [ended_trial(0), exploded_trial(1)])
    assert Mirror(ledger, ClientSink(server_url), "finite").drain(60)
    names = {name for run in reader.runs("finite") for name in run.metrics}
    outcomes = {"trials_stable", "trials_exploded"}
    assert names <= set(CURVES) | set(SUMMARY) | set(SWEEP_METRICS) | outcomes
    for run in reader.runs("finite"):
        assert all(math.isfinite(value) and abs(value) < 1e300 for value in run.metrics.values())
    (exploded,) = reader.runs("finite", "metrics.nonfinite = 1")
    assert len(reader.history(exploded.run_id, "eval_loss")) == 3  # its first point was not measured


def test_layers_read_back_as_a_table(ledger: Ledger, server_url: str, reader: ClientReader) -> None:
    import pyarrow.parquet as pq

    ended_sweep(ledger, [ended_trial(0)])
    assert Mirror(ledger, ClientSink(server_url), "layers").drain(60)
    (trial,) = reader.runs("layers", "tags.gradsweep.kind = 'trial'")
    table = pq.read_table(BytesIO(reader.artifact(trial.run_id, "layers.parquet"))).to_pydict()
    assert table["step"] == [10, 10, 20, 20, 30, 30, 40, 40]
    assert table["layer"] == ["fc1", "fc2"] * 4
    assert table["grad_norm"][:2] == [1.0, 2.0]


def test_a_killed_mirror_leaves_each_trial_once_for_the_next_one(
    ledger: Ledger, ledger_url: str, server_url: str, reader: ClientReader
) -> None:
    sweep = ended_sweep(ledger, [ended_trial(number) for number in range(24)])
    for kill_at in (1, 10):
        _mirror_until_killed(ledger_url, server_url, sweep.id, kill_at)
    assert Mirror(ledger, ClientSink(server_url), "killed").drain(120)  # waits until the lease has run out
    trials = reader.runs("killed", "tags.gradsweep.kind = 'trial'")
    assert sorted(int(run.tags["gradsweep.trial"]) for run in trials) == list(range(24))
    assert {run.status for run in trials} == {"FINISHED"}
    assert len(reader.runs("killed", "tags.gradsweep.kind = 'sweep'")) == 1
    assert ledger.get_sweep(sweep.id).num_mirrored == 24


def _mirror_until_killed(ledger_url: str, uri: str, sweep_id: str, num_runs: int) -> None:
    """Kill a mirror process once MLflow has at least `num_runs` of the sweep's trials."""
    reader = ClientReader(uri, Path())
    process = subprocess.Popen(mirror_argv(ledger_url, uri, "killed", lease_seconds=1))
    query = f"tags.gradsweep.sweep_id = '{sweep_id}'"
    _wait(process, lambda: len(reader.runs("killed", query)) >= num_runs)
    process.send_signal(signal.SIGKILL)
    process.wait()


def _wait(process: "subprocess.Popen[bytes]", condition: Callable[[], bool]) -> None:
    """Look again and again, leaving the processor to the process in between."""
    while not condition():
        assert process.poll() is None
        time.sleep(0.05)


def test_a_mirror_process_ends_in_good_order_when_told(
    ledger: Ledger, ledger_url: str, server_url: str, reader: ClientReader
) -> None:
    sweep = running_sweep(ledger)
    process = subprocess.Popen(mirror_argv(ledger_url, server_url, "told"))
    _wait(process, lambda: ledger.get_sweep(sweep.id).mlflow_run_id is not None)
    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == 0
    assert ledger.claim_mirror("another", 60)
    assert [run.status for run in reader.runs("told")] == ["RUNNING"]


def test_a_mirror_waits_for_a_server_that_is_down(ledger: Ledger, tmp_path: Path) -> None:
    sweep = ended_sweep(ledger, [ended_trial(0)])
    port = free_port()
    mirror = Mirror(ledger, ClientSink(f"http://127.0.0.1:{port}"))
    assert mirror.drain_once() == 0
    assert ledger.get_sweep(sweep.id).num_mirrored == 0
    with mlflow_server(tmp_path, port) as server:
        assert mirror.drain(120)
        assert len(ClientReader(server.url, tmp_path).runs("gradsweep")) == 2


def test_a_server_that_is_down_is_an_error_of_ours() -> None:
    sink = ClientSink(f"http://127.0.0.1:{free_port()}")
    with pytest.raises(TrackingError, match="refused"):
        sink.experiment_id("anything")


def test_a_deleted_experiment_is_brought_back(server_url: str, reader: ClientReader) -> None:
    sink = ClientSink(server_url)
    experiment = sink.experiment_id("deleted")
    reader.delete_experiment(experiment)
    assert sink.experiment_id("deleted") == experiment
    assert len(sink.create_runs(experiment, [draft("s")])) == 1


def test_a_sink_never_repeats_a_request_by_itself(server_url: str) -> None:
    ClientSink(server_url)
    assert os.environ["MLFLOW_HTTP_REQUEST_MAX_RETRIES"] == "0"
