"""A sweep that is planned at once and trained in a moment, for tests of what runs sweeps."""

from typing import Any

from sweeps.ledger import Ledger
from sweeps.ledger.base import NewSweep, Sweep
from sweeps.plan import Plan, make_plan
from sweeps.spec import SweepSpec, parse_spec


def small_spec(**changes: Any) -> SweepSpec:
    """Digits, one layer, few steps, two learning rates, three seeds; `base` is merged, the rest replaced."""
    document: dict[str, Any] = {
        "name": "small",
        "workload": {"data": {"kind": "digits"}, "model": {"kind": "mlp", "hidden": [8]}},
        "axes": {"optimizer.lr": {"values": [0.1, 0.01]}},
        "seeds": 3,
    }
    base = {"steps": 20, "batch_size": 16, "optimizer": {"kind": "sgd", "lr": 0.1}}
    return parse_spec(document | changes | {"base": base | changes.get("base", {})})


def small_plan(**changes: Any) -> Plan:
    return make_plan(small_spec(**changes))


def queued(ledger: Ledger, spec: SweepSpec) -> Sweep:
    """Put a sweep in the queue, as the front end does."""
    num_trials = len(make_plan(spec).trials)
    return ledger.create_sweep(NewSweep(name=spec.name, spec=spec.canonical(), num_trials=num_trials))
