from collections.abc import Iterator
from pathlib import Path

import pytest

from sweeps.ledger import Ledger, open_ledger
from sweeps.runner_lease import Lease
from sweeps.runner_report import store_missing_reports, store_report
from sweeps.runner_writer import TrialWriter
from tests.sweeps.small_sweep import queued, small_plan
from tests.sweeps.test_runner_writer import report_of


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    ledger = open_ledger(f"sqlite:///{tmp_path / 'ledger.db'}")
    yield ledger
    ledger.close()


def ended_sweep(ledger: Ledger) -> str:
    plan = small_plan(resources={"pack": 6})
    sweep = queued(ledger, plan.spec)
    ledger.claim_sweep("me", 60)
    trials = {trial.number: trial for trial in plan.trials}
    TrialWriter(ledger, Lease(ledger, sweep.id, "me", 60), trials, "eval_loss").reported(report_of(plan))
    ledger.release_sweep(sweep.id, "me", "completed")
    return sweep.id


def test_a_report_has_a_page_an_analysis_a_note_and_pictures(ledger: Ledger) -> None:
    sweep_id = ended_sweep(ledger)
    assert store_report(ledger, sweep_id)
    stored = ledger.get_stored_report(sweep_id)
    assert stored is not None
    assert "<html" in stored.html
    assert stored.analysis["clip_advice"][0]["text"].startswith("all settings: over")
    assert stored.markdown
    assert all(name.endswith(".png") for name in stored.files)
    assert ledger.events(sweep_id)[-1].type == "report.ready"


def test_a_report_that_is_owed_is_made_once(ledger: Ledger) -> None:
    sweep_id = ended_sweep(ledger)
    assert store_missing_reports(ledger) == 1
    assert store_missing_reports(ledger) == 0
    assert ledger.get_report(sweep_id) is not None


def test_a_sweep_without_trials_has_no_report(ledger: Ledger) -> None:
    sweep = queued(ledger, small_plan().spec)
    ledger.request_cancel(sweep.id)
    assert not store_report(ledger, sweep.id)
    assert store_missing_reports(ledger) == 0


def test_a_report_that_cannot_be_made_breaks_nothing(ledger: Ledger) -> None:
    assert not store_report(ledger, "no-such-sweep")
