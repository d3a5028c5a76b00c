"""How many statements the ledger costs a trial, counted: a pack reports many trials at once."""

from pathlib import Path

from sweeps.ledger import open_ledger
from sweeps.ledger.curve_archive import to_archive
from tests.contracts.ledger_rows import ended_trial, running_sweep
from tests.contracts.statements import statements
from trainers.config import TrialConfig
from trainers.pack import PackRun, PackTrial

APPEND_STATEMENTS = 10
"""The lease, what is there already, an insert for trials and for curves, counters, an event: nine in all."""

ARCHIVE_BYTES = 2_500
"""Of 200 steps: 17 curves of 32 points in single precision, two more for each of three layers: 2,205."""


def append(path: Path, num_trials: int) -> list[str]:
    ledger = open_ledger(f"sqlite:///{path / 'ledger.db'}")
    sweep = running_sweep(ledger, num_trials=num_trials)
    with statements() as seen:
        ledger.append_trials(sweep.id, "runner-a", [ended_trial(n) for n in range(num_trials)], None)
    ledger.close()
    return seen


def test_trials_that_end_together_cost_one_trials_statements(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "many").mkdir()
    one, many = append(tmp_path / "one", 1), append(tmp_path / "many", 64)
    assert len(one) == len(many) <= APPEND_STATEMENTS


def test_the_curves_of_a_trial_take_few_bytes() -> None:
    config = TrialConfig.model_validate(
        {
            "workload": {"data": {"kind": "digits"}, "model": {"kind": "mlp", "hidden": [128, 64]}},
            "optimizer": {"kind": "sgd", "lr": 0.01},
            "steps": 200,
            "batch_size": 64,
        }
    )
    (record,) = PackRun([PackTrial(0, config)]).advance(60.0)
    assert len(to_archive(record.curves)) <= ARCHIVE_BYTES
