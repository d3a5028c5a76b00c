"""A sweep whose spec asks for a model, trained and reported, for tests of what becomes of the model."""

from typing import Any

from sweeps.ledger import Ledger
from sweeps.ledger.base import SweepStatus
from sweeps.runner_lease import Lease
from sweeps.runner_report import store_report
from sweeps.runner_writer import TrialWriter
from tests.sweeps.small_sweep import queued, small_plan
from tests.sweeps.test_runner_writer import report_of

NAME = "digits best"
RECOMMENDABLE = {"optimizer.lr": {"values": [0.02, 0.1, 0.4]}}
HOPELESS = {"optimizer.lr": {"values": [1e11, 1e12]}}


def model_sweep(ledger: Ledger, status: SweepStatus = "completed", **changes: Any) -> str:
    """The id of a sweep that has ended and has its report, but no model yet."""
    wanted = {"register_model": NAME, "axes": RECOMMENDABLE, "resources": {"pack": 9}, "base": {"steps": 60}}
    plan = small_plan(**(wanted | changes))
    sweep = queued(ledger, plan.spec)
    ledger.claim_sweep("me", 60)
    trials = {trial.number: trial for trial in plan.trials}
    TrialWriter(ledger, Lease(ledger, sweep.id, "me", 60), trials, "eval_loss").reported(report_of(plan))
    ledger.release_sweep(sweep.id, "me", status)
    assert store_report(ledger, sweep.id)
    return sweep.id
