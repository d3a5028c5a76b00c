"""Sinks into a real MLflow: over HTTP to a server, into its tables, and into SQLite without a server."""

import json
import os
import sqlite3
import urllib.request
from pathlib import Path

import pytest

from service.stack.ports import free_port
from sweeps.mlflow_client_sink import ClientSink
from sweeps.mlflow_sink import TrackingError
from sweeps.mlflow_store import TrackingStore
from sweeps.mlflow_table_sink import TableSink
from tests.contracts.mlflow_server import RunningServer
from tests.contracts.statements import statements
from tests.contracts.tracking_reader import ClientReader
from tests.contracts.tracking_sink import AT, TrackingSinkContract, draft

pytestmark = pytest.mark.integration

BATCH_STATEMENTS = 10
"""Runs, first tags, metrics, their latest, parameters, tags and the end: nine for a batch of any size."""


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
