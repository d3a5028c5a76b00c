"""Small real rows for tests that need a ledger with something in it."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from sweeps.ledger import Ledger
from sweeps.ledger.base import EndedTrial, NewSweep, PackRow, Sweep
from trainers.record import Curves, Evidence, OutcomeName, PackRecord, TrialRecord, Verdict

LEASE_SECONDS = 60.0
EXPIRED_AT_ONCE = 0.0


def new_sweep(name: str = "clip-vs-lr", num_trials: int = 4, **changes: object) -> NewSweep:
    """A sweep to queue."""
    values: dict[str, object] = {"spec": {"name": name, "seeds": 2, "axes": {"optimizer.lr": [0.1, 1.0]}}}
    return NewSweep(name=name, num_trials=num_trials, **(values | changes))  # type: ignore[arg-type]


def curves_of(number: int, num_points: int = 4) -> Curves:
    """Curves that tell trials apart, with something that was not measured."""
    steps = np.arange(1, num_points + 1, dtype=np.int64) * 10
    loss = (number + np.linspace(1, 0.5, num_points)).astype(np.float32)
    evaluated = loss.copy()
    evaluated[0] = np.nan
    norms = np.outer(loss, [1.0, 2.0]).astype(np.float32)
    return Curves(steps, {"train_loss": loss, "eval_loss": evaluated}, ("fc1", "fc2"), {"grad_norm": norms})


def ended_trial(
    number: int, outcome: OutcomeName = "stable", objective: float | None = 0.5, pack: int = 0
) -> EndedTrial:
    """A result to append; two repeats make a configuration."""
    axes = {"optimizer.lr": 0.1 * (number // 2 + 1), "clip": {"kind": "none"}}
    config = {"optimizer": {"kind": "sgd", "lr": axes["optimizer.lr"]}, "clip": axes["clip"], "seed": number}
    final = {"train_loss": 0.4, "eval_loss": objective, "stability_score": 1.0, "nonfinite": 0.0}
    verdict = Verdict(outcome, Evidence("none of the others"))
    record = TrialRecord(number, verdict, 40, final | {"initial_loss": 2.3}, curves_of(number), 0.25)
    return EndedTrial(number, number // 2, number % 2, config, axes, record, objective, pack)


def pack_row(sweep_id: str, pack: int = 0) -> PackRow:
    """How a pack was trained."""
    return PackRow(sweep_id, pack, PackRecord("mlp-64", 4, 4, {1: 5e-4, 4: 2e-4}, 1.5))


def running_sweep(ledger: Ledger, runner_id: str = "runner-a", **changes: object) -> Sweep:
    """A sweep that `runner_id` holds."""
    created = ledger.create_sweep(new_sweep(**changes))  # type: ignore[arg-type]
    claimed = ledger.claim_sweep(runner_id, LEASE_SECONDS)
    assert claimed is not None
    assert claimed.id == created.id
    return claimed


def ended_sweep(
    ledger: Ledger, trials: Sequence[EndedTrial], runner_id: str = "runner-a", **changes: object
) -> Sweep:
    """A completed sweep with `trials`."""
    sweep = running_sweep(ledger, runner_id, **{"num_trials": len(trials)} | changes)
    ledger.append_trials(sweep.id, runner_id, trials)
    return ledger.release_sweep(sweep.id, runner_id, "completed")


def exploded_trial(number: int) -> EndedTrial:
    """A trial that broke at step 17, in the forward pass of fc1."""
    trial = ended_trial(number, "exploded", objective=None)
    verdict = Verdict("exploded", Evidence("non-finite loss", 17, None, None, "fc1", "forward"))
    final = {"train_loss": None, "eval_loss": None, "stability_score": 0.0, "nonfinite": 1.0}
    record = replace(trial.record, verdict=verdict, final=final | {"initial_loss": 2.3}, num_steps_done=17)
    return replace(trial, record=record)
