"""A runner process on a real ledger: sweeps that end well, end badly, are ended by users, or extended."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from sweeps.ledger import Ledger
from sweeps.ledger.base import Sweep, TrialRow
from sweeps.ledger.curve_archive import to_archive
from sweeps.mlflow_mirror import Mirror
from sweeps.model_version import NOTE_FILE, version_of
from sweeps.plan import Plan
from sweeps.spec import SweepSpec
from tests.integration.runner_process import RunnerProcess, ended, runner_process
from tests.service.live import live_app, live_server
from tests.sweeps.memory_sink import MemorySink
from tests.sweeps.small_sweep import queued, small_plan, small_spec
from tests.waiting import until
from trainers.pack import PackRun, PackTrial
from trainers.saved_model import load_model

pytestmark = pytest.mark.integration


@pytest.fixture
def ledger(shared_ledger: Ledger) -> Ledger:
    return shared_ledger


@pytest.fixture(scope="module", autouse=True)
def runner(shared_ledger_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunnerProcess]:
    """One for all tests of this file."""
    with runner_process(shared_ledger_url, tmp_path_factory.mktemp("runner")) as runner:
        yield runner


def one_long_and_one_short(long: int) -> SweepSpec:
    """Two trials side by side, of which one ends at once."""
    return small_spec(axes={"steps": {"values": [10, long]}}, seeds=1)


@pytest.fixture(scope="module")
def plan() -> Plan:
    return small_plan(resources={"pack": 1})


@pytest.fixture(scope="module")
def completed(shared_ledger: Ledger, runner: RunnerProcess, plan: Plan) -> Sweep:
    """The plan, trained to its end."""
    return ended(shared_ledger, queued(shared_ledger, plan.spec).id)


def test_a_sweep_ends_with_every_planned_trial_as_trained_directly(
    ledger: Ledger, completed: Sweep, plan: Plan
) -> None:
    assert (completed.status, completed.error, completed.num_ended) == ("completed", None, 6)
    for row, trial in zip(ledger.all_trials(completed.id), plan.trials, strict=True):
        (expected,) = PackRun([PackTrial(trial.number, trial.config)]).advance(60.0)
        assert (row.record.verdict, row.record.final) == (expected.verdict, expected.final)
        assert to_archive(ledger.get_trial(completed.id, row.number).record.curves) == to_archive(
            expected.curves
        )


def test_a_completed_sweep_gets_its_report(ledger: Ledger, completed: Sweep) -> None:
    assert until(lambda: ledger.get_analysis(completed.id) is not None)
    types = [event.type for event in ledger.events(completed.id)]
    assert types.count("sweep.ended") == types.count("report.ready") == 1
    assert types.index("sweep.started") < types.index("pack.started") < types.index("trials.ended")


def test_a_sweep_that_asks_for_a_model_gets_it_trained_by_a_worker(ledger: Ledger, tmp_path: Path) -> None:
    axes = {"optimizer.lr": {"values": [0.02, 0.1, 0.4]}}
    spec = small_spec(
        register_model="best", axes=axes, base={"steps": 60}, resources={"pack": 1, "workers": 1}
    )
    sweep = ended(ledger, queued(ledger, spec).id)
    assert until(lambda: _has_model(ledger, sweep.id))
    stored = ledger.get_stored_report(sweep.id)
    assert stored is not None
    version = version_of(stored)
    assert version is not None
    trial = ledger.get_trial(sweep.id, int(version.tags["gradsweep.trial"]))
    assert float(version.tags["eval_loss"]) == trial.record.final["eval_loss"]
    assert "is the trial's" in version.description
    for name, data in stored.files.items():
        (tmp_path / Path(name).name).write_bytes(data)
    assert load_model(tmp_path).evaluate()["eval_loss"] == trial.record.final["eval_loss"]


def _has_model(ledger: Ledger, sweep_id: str) -> bool:
    stored = ledger.get_stored_report(sweep_id)
    return stored is not None and NOTE_FILE in stored.files


def test_the_runner_is_known_to_be_alive(ledger: Ledger, runner: RunnerProcess) -> None:
    assert until(lambda: [known.pid for known in ledger.live_runners(30)] == [runner.process.pid])


def test_a_sweep_of_nothing_but_explosions_completes(ledger: Ledger) -> None:
    axes = {"optimizer.lr": {"values": [1e11, 1e12]}}
    workload = {"data": {"kind": "linear_regression"}, "model": {"kind": "mlp", "hidden": [8]}}
    sweep = ended(ledger, queued(ledger, small_spec(axes=axes, workload=workload)).id)
    assert (sweep.status, sweep.outcomes) == ("completed", {"exploded": 6})
    assert {row.objective for row in ledger.all_trials(sweep.id)} == {None}


def test_a_cancel_stops_training_and_keeps_what_has_ended(ledger: Ledger) -> None:
    sweep_id = queued(ledger, one_long_and_one_short(1_000_000)).id
    assert until(lambda: ledger.get_sweep(sweep_id).num_ended == 1)
    ledger.request_cancel(sweep_id)
    sweep = ended(ledger, sweep_id)
    assert (sweep.status, sweep.num_ended) == ("cancelled", 1)


def test_a_paused_sweep_goes_on_with_what_it_lacks(ledger: Ledger) -> None:
    sweep_id = queued(ledger, one_long_and_one_short(20_000)).id
    assert until(lambda: ledger.get_sweep(sweep_id).num_ended == 1)
    ledger.request_pause(sweep_id)
    assert until(lambda: ledger.get_sweep(sweep_id).status == "paused")
    ledger.request_resume(sweep_id)
    sweep = ended(ledger, sweep_id)
    assert (sweep.status, sweep.num_ended) == ("completed", 2)
    first, second = ledger.all_trials(sweep_id)
    assert first.pack != second.pack


def test_workers_that_fit_nowhere_fail_the_sweep_with_the_reason(ledger: Ledger) -> None:
    sweep = ended(ledger, queued(ledger, small_spec(resources={"gpus_per_worker": 4})).id)
    assert sweep.status == "failed"
    assert "4 GPUs" in (sweep.error or "")


RATES = [0.1, 0.01]


def written(row: TrialRow) -> tuple[object, ...]:
    """What must not change about a trial that has ended."""
    return row.number, row.config, row.pack, row.ended_at, row.record.verdict, row.objective


def test_one_more_learning_rate_is_trained_alone_and_joins_the_others(
    ledger: Ledger, shared_ledger_url: str
) -> None:
    sweep_id = queued(ledger, small_spec(axes={"optimizer.lr": {"values": RATES}}, seeds=2)).id
    assert ended(ledger, sweep_id).status == "completed"
    before = ledger.all_trials(sweep_id)
    assert until(lambda: has_report_of(ledger, sweep_id, 4))
    sink = MemorySink()
    mirror = Mirror(ledger, sink)
    assert mirror.drain(60)
    with (
        live_app(Path(shared_ledger_url.removeprefix("sqlite:///")).parent) as app,
        live_server(app) as url,
        httpx.Client(base_url=url, timeout=30) as api,
    ):
        more = {"axes": {"optimizer.lr": {"values": [*RATES, 0.5]}}}
        answer = api.post(f"/v1/sweeps/{sweep_id}/extend", json=more)
        assert (answer.status_code, answer.json()["num_trials"]) == (202, 6)
        sweep = ended(ledger, sweep_id)
        assert (sweep.status, sweep.num_ended) == ("completed", 6)

        after = ledger.all_trials(sweep_id)
        assert [written(row) for row in after[:4]] == [written(row) for row in before]
        assert [(row.number, row.axes["optimizer.lr"]) for row in after[4:]] == [(4, 0.5), (5, 0.5)]
        assert not {row.pack for row in after[4:]} & {row.pack for row in before}

        found = api.get(f"/v1/sweeps/{sweep_id}/map").json()
        assert found["x"]["levels"] == ["0.01", "0.1", "0.5"]
        assert len(found["outcomes"]) == 6
        assert "." not in found["outcomes"]
    assert until(lambda: has_report_of(ledger, sweep_id, 6))
    assert mirror.drain(60)
    runs = [run for run in sink.read() if run.tags["gradsweep.sweep_id"] == sweep_id]
    (parent,) = [run for run in runs if run.tags["gradsweep.kind"] == "sweep"]
    assert parent.metrics["trials_ended"] == 6
    trials = [run.tags["gradsweep.trial"] for run in runs if run.run_id != parent.run_id]
    assert sorted(trials) == ["0", "1", "2", "3", "4", "5"]


def has_report_of(ledger: Ledger, sweep_id: str, num_trials: int) -> bool:
    """Whether the sweep has a report of so many trials."""
    analysis = ledger.get_analysis(sweep_id)
    return analysis is not None and analysis["totals"]["num_ended"] == num_trials
