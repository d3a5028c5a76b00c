"""The mirror into a real MLflow, and what becomes of it when somebody dies."""

import math
import signal
import subprocess
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest

from service.stack.ports import free_port
from sweeps.ledger import Ledger
from sweeps.mlflow_client_sink import ClientSink
from sweeps.mlflow_main import mirror_argv
from sweeps.mlflow_mirror import Mirror
from sweeps.mlflow_names import CURVES, SUMMARY, SWEEP_METRICS
from tests.contracts.ledger_rows import ended_sweep, ended_trial, exploded_trial, running_sweep
from tests.contracts.mlflow_server import mlflow_server
from tests.contracts.tracking_reader import ClientReader
from tests.waiting import until

pytestmark = pytest.mark.integration


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
    until_seen(process, lambda: len(reader.runs("killed", query)) >= num_runs)
    process.send_signal(signal.SIGKILL)
    process.wait()


def until_seen(process: "subprocess.Popen[bytes]", condition: Callable[[], bool]) -> None:
    """Wait for what a process does while it lives."""
    assert until(lambda: condition() or process.poll() is not None)
    assert process.poll() is None


def test_a_mirror_process_ends_in_good_order_when_told(
    ledger: Ledger, ledger_url: str, server_url: str, reader: ClientReader
) -> None:
    sweep = running_sweep(ledger)
    process = subprocess.Popen(mirror_argv(ledger_url, server_url, "told"))
    until_seen(process, lambda: ledger.get_sweep(sweep.id).mlflow_run_id is not None)
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
