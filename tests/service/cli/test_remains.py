"""What `gradsweep run` waits for once the last trial has ended."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from service.cli.remains import MLFLOW, MODEL, REPORT, Remains
from sweeps.ledger import Ledger, open_ledger
from sweeps.model_version import NOTE_FILE
from tests.contracts.ledger_rows import ended_sweep, ended_trial, new_sweep


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    ledger = open_ledger(f"sqlite:///{tmp_path / 'ledger.db'}")
    yield ledger
    ledger.close()


def mirrored(ledger: Ledger, sweep_id: str) -> None:
    """Everything that there is by now."""
    ledger.claim_mirror("mirror", 60)
    ledger.set_sweep_mlflow(sweep_id, "experiment", "parent")
    ledger.mark_trials_mirrored("mirror", sweep_id, {0: "run"})
    for pending in ledger.pending_mirror(10).sweeps:
        ledger.mark_sweep_mirrored("mirror", sweep_id, pending.revision)


def test_the_report_comes_first_and_then_mlflow_has_to_get_it(ledger: Ledger) -> None:
    sweep_id = ended_sweep(ledger, [ended_trial(0)]).id
    remains = Remains(ledger)
    assert remains.stage(ledger.get_sweep(sweep_id)) == REPORT
    mirrored(ledger, sweep_id)
    assert remains.stage(ledger.get_sweep(sweep_id)) == REPORT
    ledger.store_report(sweep_id, "<p>", {})
    assert remains.stage(ledger.get_sweep(sweep_id)) == MLFLOW
    assert remains.worth_waiting(ledger.get_sweep(sweep_id))
    mirrored(ledger, sweep_id)
    assert remains.stage(ledger.get_sweep(sweep_id)) is None
    assert not remains.worth_waiting(ledger.get_sweep(sweep_id))


def test_a_model_that_was_asked_for_comes_between_them(ledger: Ledger) -> None:
    sweep_id = ended_sweep(ledger, [ended_trial(0)], spec={"register_model": "best"}).id
    remains = Remains(ledger)
    ledger.store_report(sweep_id, "<p>", {})
    mirrored(ledger, sweep_id)
    assert remains.stage(ledger.get_sweep(sweep_id)) == MODEL
    ledger.store_report(sweep_id, "<p>", {}, files={NOTE_FILE: b"why there is none"})
    assert remains.stage(ledger.get_sweep(sweep_id)) == MLFLOW


def test_a_sweep_that_was_cancelled_before_its_first_trial_gets_no_report(ledger: Ledger) -> None:
    sweep = ledger.request_cancel(ledger.create_sweep(new_sweep()).id)
    assert Remains(ledger).stage(sweep) == MLFLOW


def test_patience_has_an_end(ledger: Ledger) -> None:
    sweep = ended_sweep(ledger, [ended_trial(0)])
    impatient = Remains(ledger, seconds=0.0)
    assert not impatient.worth_waiting(sweep)
    assert impatient.stage(sweep) == REPORT
