"""A sweep that asks for a model gets it stored beside its report, or is told why there is none."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from sweeps.ledger import Ledger, open_ledger
from sweeps.ledger.base import StoredReport
from sweeps.model_version import NOTE_FILE, VERSION_FILE, version_of
from sweeps.runner_model import store_missing_models, store_model
from tests.sweeps.model_sweep import HOPELESS, NAME, model_sweep
from trainers.errors import TrainerError
from trainers.once import Trained, train_once
from trainers.saved_model import load_model
from trainers.trial import PackTrial


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    ledger = open_ledger(f"sqlite:///{tmp_path / 'ledger.db'}")
    yield ledger
    ledger.close()


def report(ledger: Ledger, sweep_id: str) -> StoredReport:
    stored = ledger.get_stored_report(sweep_id)
    assert stored is not None
    return stored


def never(_trial: PackTrial) -> Trained | None:
    raise AssertionError("nothing was to be trained")


def test_the_model_is_the_recommended_trial_and_loads_with_its_loss(ledger: Ledger, tmp_path: Path) -> None:
    sweep_id = model_sweep(ledger)
    before = report(ledger, sweep_id)
    assert store_model(ledger, sweep_id, train_once)
    stored = report(ledger, sweep_id)
    assert (stored.html, stored.analysis) == (before.html, before.analysis)
    assert before.files.items() <= stored.files.items()
    version = version_of(stored)
    assert version is not None
    row = ledger.get_trial(sweep_id, int(version.tags["gradsweep.trial"]))
    best = stored.analysis["recommendation"]["best"]
    assert row.number in best["trials"]
    assert (version.name, version.tags["gradsweep.sweep_id"]) == (NAME, sweep_id)
    assert (float(version.tags["lr"]), version.tags["clip"]) == (row.config["optimizer"]["lr"], "none")
    assert float(version.tags["edge_margin"]) == pytest.approx(best["margin"], rel=1e-5)
    for name, data in stored.files.items():
        (tmp_path / Path(name).name).write_bytes(data)
    loss = load_model(tmp_path).evaluate()["eval_loss"]
    assert loss == float(version.tags["eval_loss"])
    assert loss == pytest.approx(row.record.final["eval_loss"], rel=1e-5)
    assert ("is the trial's" in version.description) == (loss == row.record.final["eval_loss"])


@pytest.mark.parametrize(
    ("factor", "says"), [(1.0, "is the trial's"), (1.5, "not the trial's")], ids=["same", "other"]
)
def test_the_description_says_whether_the_loss_is_the_recorded_one(
    factor: float, says: str, ledger: Ledger
) -> None:
    sweep_id = model_sweep(ledger)

    def as_recorded(trial: PackTrial) -> Trained:
        trained, row = train_once(trial), ledger.get_trial(sweep_id, trial.number)
        loss = row.record.final["eval_loss"]
        assert loss is not None
        final = {**trained.record.final, "eval_loss": loss * factor}
        return replace(trained, record=replace(trained.record, final=final))

    store_model(ledger, sweep_id, as_recorded)
    version = version_of(report(ledger, sweep_id))
    assert version is not None
    assert says in version.description


def test_a_model_is_made_once(ledger: Ledger) -> None:
    sweep_id = model_sweep(ledger)
    assert store_missing_models(ledger, train_once) == 1
    assert store_missing_models(ledger, never) == 0
    assert not store_model(ledger, sweep_id, never)


def test_nothing_is_stored_when_nothing_is_recommended_but_the_note_says_why(ledger: Ledger) -> None:
    workload = {"data": {"kind": "linear_regression"}, "model": {"kind": "mlp", "hidden": [8]}}
    sweep_id = model_sweep(ledger, axes=HOPELESS, workload=workload)
    assert store_model(ledger, sweep_id, never)
    stored = report(ledger, sweep_id)
    assert version_of(stored) is None
    assert stored.markdown.startswith(f"Nothing was registered as model `{NAME}`: Nothing can be recommended")
    assert not store_model(ledger, sweep_id, never)


def test_training_that_breaks_is_the_reason_and_breaks_nothing(ledger: Ledger) -> None:
    def broken(_trial: PackTrial) -> Trained | None:
        raise TrainerError("the disk is gone")

    sweep_id = model_sweep(ledger)
    assert store_model(ledger, sweep_id, broken)
    stored = report(ledger, sweep_id)
    assert VERSION_FILE not in stored.files
    assert "the disk is gone" in stored.files[NOTE_FILE].decode()


def test_a_runner_that_stops_leaves_the_model_to_the_next_one(ledger: Ledger) -> None:
    sweep_id = model_sweep(ledger)
    assert not store_model(ledger, sweep_id, lambda _trial: None)
    assert NOTE_FILE not in report(ledger, sweep_id).files
    assert store_missing_models(ledger, train_once) == 1


@pytest.mark.parametrize(
    "changes", [{"register_model": None}, {"status": "cancelled"}], ids=["not asked", "cancelled"]
)
def test_a_sweep_that_did_not_ask_or_complete_gets_no_model(
    changes: dict[str, object], ledger: Ledger
) -> None:
    sweep_id = model_sweep(ledger, **changes)  # type: ignore[arg-type]
    assert not store_model(ledger, sweep_id, never)
    assert NOTE_FILE not in report(ledger, sweep_id).files


def test_a_sweep_that_is_not_there_breaks_nothing(ledger: Ledger) -> None:
    assert not store_model(ledger, "no-such-sweep", never)
