"""Models that sweeps ask for, in the registry of a real MLflow."""

import subprocess
import threading

import pytest

from sweeps.ledger import Ledger
from sweeps.mlflow_client_sink import ClientSink
from sweeps.mlflow_main import mirror_argv
from sweeps.mlflow_mirror import Mirror
from sweeps.mlflow_table_sink import TableSink
from sweeps.runner_model import store_model
from tests.contracts.mlflow_server import RunningServer
from tests.contracts.relay import relay
from tests.contracts.tracking_reader import ClientReader
from tests.sweeps.model_sweep import model_sweep
from tests.waiting import until
from trainers.once import train_once
from trainers.saved_model import load_model

pytestmark = pytest.mark.integration


@pytest.mark.parametrize("way", ["server", "tables"])
def test_a_model_is_registered_once_and_loads_with_its_recorded_loss(
    way: str, ledger: Ledger, server: RunningServer, reader: ClientReader
) -> None:
    sweep_id = model_sweep(ledger, register_model=f"best of the {way}'s")
    sink = ClientSink(server.url) if way == "server" else TableSink(server.url, server.store)
    mirror = Mirror(ledger, sink, f"models-{way}")
    assert mirror.drain(60)
    assert reader.versions(f"best of the {way}'s") == []
    assert store_model(ledger, sweep_id, train_once)
    assert mirror.drain(60)
    stored = ledger.get_stored_report(sweep_id)
    assert stored is not None
    ledger.store_report(sweep_id, stored.html, stored.analysis, markdown="again", files=stored.files)
    assert mirror.drain(60)
    (version,) = reader.versions(f"best of the {way}'s")
    (parent,) = reader.runs(f"models-{way}", "tags.gradsweep.kind = 'sweep'")
    assert (version.run_id, version.tags["gradsweep.sweep_id"]) == (parent.run_id, sweep_id)
    assert "trained once more with the seed of trial" in version.description
    loss = load_model(reader.model(version)).evaluate()["eval_loss"]
    trial = ledger.get_trial(sweep_id, int(version.tags["gradsweep.trial"]))
    assert loss == float(version.tags["eval_loss"])
    assert loss == pytest.approx(trial.record.final["eval_loss"], rel=1e-5)


def test_a_mirror_killed_between_a_model_and_its_version_leaves_one_version_for_the_next(
    ledger: Ledger, ledger_url: str, server: RunningServer, reader: ClientReader
) -> None:
    sweep_id = model_sweep(ledger, register_model="killed")
    assert store_model(ledger, sweep_id, train_once)
    _kill_mirror(ledger_url, server.url, "asked")
    assert reader.has_model("killed")
    assert reader.versions("killed") == []
    _kill_mirror(ledger_url, server.url, "answered")
    assert len(reader.versions("killed")) == 1
    assert not ledger.get_sweep(sweep_id).is_mirrored
    assert Mirror(ledger, ClientSink(server.url), "models-killed").drain(60)
    (version,) = reader.versions("killed")
    assert version.tags["gradsweep.sweep_id"] == sweep_id
    assert load_model(reader.model(version)).evaluate()["eval_loss"] == float(version.tags["eval_loss"])


def _kill_mirror(ledger_url: str, server_url: str, moment: str) -> None:
    """Run a mirror until its request for a model's version is asked, or answered, and it does not know."""
    killed = threading.Event()

    def kill(path: str) -> None:
        if path.endswith("model-versions/create"):
            process.kill()
            process.wait()
            killed.set()
            raise ConnectionAbortedError

    with relay(server_url, **{moment: kill}) as url:
        process = subprocess.Popen(mirror_argv(ledger_url, url, "models-killed", lease_seconds=1))
        assert until(killed.is_set)
