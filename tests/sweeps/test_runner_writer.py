from collections.abc import Iterator
from pathlib import Path

import pytest

from sweeps.errors import LeaseLostError
from sweeps.ledger import Ledger, open_ledger
from sweeps.plan import Plan
from sweeps.runner_lease import Lease
from sweeps.runner_writer import TrialWriter
from sweeps.worker_messages import PackReport
from tests.sweeps.small_sweep import queued, small_plan
from trainers.pack import PackRun, PackTrial


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    ledger = open_ledger(f"sqlite:///{tmp_path / 'ledger.db'}")
    yield ledger
    ledger.close()


@pytest.fixture
def plan() -> Plan:
    return small_plan(resources={"pack": 6})


@pytest.fixture
def writer(ledger: Ledger, plan: Plan) -> TrialWriter:
    sweep = queued(ledger, plan.spec)
    ledger.claim_sweep("me", 60)
    trials = {trial.number: trial for trial in plan.trials}
    return TrialWriter(ledger, Lease(ledger, sweep.id, "me", 60), trials, "eval_loss")


def report_of(plan: Plan) -> PackReport:
    (pack,) = plan.packs(1)
    run = PackRun([PackTrial(trial.number, trial.config) for trial in pack.trials])
    records = []
    while not run.finished:
        records += run.advance(10.0)
    return PackReport(pack.number, tuple(records), run.progress(), run.record())


def test_a_report_becomes_rows_and_events(ledger: Ledger, plan: Plan, writer: TrialWriter) -> None:
    sweep = ledger.list_sweeps().items[0]
    report = report_of(plan)
    writer.started(plan.packs(1)[0])
    writer.reported(report)
    rows = ledger.all_trials(sweep.id)
    assert [(row.number, row.config_number, row.repeat, row.axes) for row in rows] == [
        (trial.number, trial.config_number, trial.repeat, trial.axes) for trial in plan.trials
    ]
    assert [row.config for row in rows] == [trial.config.model_dump(mode="json") for trial in plan.trials]
    assert all(row.objective == row.record.final["eval_loss"] for row in rows)
    assert [row.record for row in ledger.packs(sweep.id)] == [report.record]
    types = [event.type for event in ledger.events(sweep.id)]
    assert types == ["sweep.queued", "sweep.started", "pack.started", "trials.ended", "pack.ended"]


def test_the_same_report_twice_is_stored_once(ledger: Ledger, plan: Plan, writer: TrialWriter) -> None:
    report = report_of(plan)
    writer.reported(report)
    writer.reported(report)
    assert ledger.list_sweeps().items[0].num_ended == len(plan.trials)


def test_given_up_trials_end_as_failed_with_the_reason(
    ledger: Ledger, plan: Plan, writer: TrialWriter
) -> None:
    (pack,) = plan.packs(1)
    writer.lost(pack, pack.trials[:2], "out of memory")
    sweep = ledger.list_sweeps().items[0]
    assert sweep.outcomes == {"failed": 2}
    row = ledger.get_trial(sweep.id, pack.trials[0].number)
    assert row.record.verdict.outcome == "failed"
    assert "out of memory" in (row.record.error or "")


def test_a_lost_worker_whose_pack_is_tried_again_is_only_told(
    ledger: Ledger, plan: Plan, writer: TrialWriter
) -> None:
    (pack,) = plan.packs(1)
    writer.lost(pack, (), "killed")
    sweep = ledger.list_sweeps().items[0]
    assert sweep.num_ended == 0
    assert ledger.events(sweep.id)[-1].data == {"pack": 0, "reason": "killed", "num_given_up": 0}


def test_a_runner_that_lost_the_sweep_stores_nothing(ledger: Ledger, plan: Plan, writer: TrialWriter) -> None:
    sweep = ledger.list_sweeps().items[0]
    ledger.release_sweep(sweep.id, "me", "queued")
    ledger.claim_sweep("other", 60)
    with pytest.raises(LeaseLostError):
        writer.reported(report_of(plan))
    assert ledger.get_sweep(sweep.id).num_ended == 0
