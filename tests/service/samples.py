"""Sweeps for the tests of the front end: small specs, and ended trials as a runner would store them."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from sweeps.analysis import analyze
from sweeps.ledger import Ledger
from sweeps.ledger.base import EndedTrial, Sweep
from sweeps.plan import PlannedTrial, make_plan
from sweeps.spec import parse_spec
from trainers.record import Curves, Evidence, OutcomeName, TrialRecord, Verdict

YAML = {"Content-Type": "application/yaml"}
RUNNER = "runner-of-the-test"

TINY = """\
name: tiny
workload:
  data: {kind: digits}
  model: {kind: mlp, hidden: [16]}
base: {steps: 20, optimizer: {kind: sgd, lr: 0.1}}
axes:
  optimizer.lr: {log_grid: [0.001, 100, 6]}
  clip: {values: [{kind: none}, {kind: global_norm, max_norm: 1.0}]}
  init: {values: [{kind: kaiming_normal}, {kind: normal, std: 1.0}]}
seeds: 2
tags: {team: alpha}
"""
"""48 trials: learning rate × clip × init × two seeds."""


def outcome_of(trial: PlannedTrial) -> OutcomeName:
    """An edge at lr 1, ten times higher with clipping; the second seed of normal(std=1) is worse."""
    reach = trial.config.optimizer.lr / (10 if trial.config.clip.kind == "global_norm" else 1)
    reach *= 10 if trial.config.init.kind == "normal" and trial.repeat else 1
    if reach > 10:
        return "exploded"
    if reach > 1:
        return "diverged"
    return "stalled" if reach < 0.005 else "stable"


def ended(trial: PlannedTrial) -> EndedTrial:
    """The trial as it ended; an exploded one has NaN in its curves, as real ones have."""
    outcome = outcome_of(trial)
    bad = outcome == "exploded"
    loss = None if bad else 0.5 + abs(np.log10(trial.config.optimizer.lr))
    evidence = Evidence(
        "nonfinite" if bad else outcome, 7, float("inf") if bad else 0.1, 1.0, "hidden.0", "forward"
    )
    values = np.array([2.3, 1.0, np.nan if bad else 0.5], dtype=np.float32)
    curves = Curves(
        steps=np.array([5, 10, 20]),
        scalars={"train_loss": values, "grad_norm": np.array([1, 2, np.inf], dtype=np.float32)},
        layer_names=("hidden.0", "output"),
        layers={"grad_norm": np.ones((3, 2), dtype=np.float32)},
    )
    final = {
        "train_loss": loss,
        "eval_loss": loss,
        "stability_score": 0.0 if bad else 1.0,
        "initial_loss": 2.3,
    }
    record = TrialRecord(
        trial.number, Verdict(outcome, evidence), 20, final | {"nonfinite": float(bad)}, curves, 0.1
    )
    config = trial.config.model_dump(mode="json")
    return EndedTrial(trial.number, trial.config_number, trial.repeat, config, trial.axes, record, loss, 0)


def claim(ledger: Ledger) -> Sweep:
    """The oldest queued sweep, claimed as a runner claims it."""
    sweep = ledger.claim_sweep(RUNNER, 60.0)
    assert sweep is not None
    return sweep


def planned(sweep: Sweep) -> Sequence[PlannedTrial]:
    """The trials of a sweep."""
    return make_plan(parse_spec(sweep.spec)).trials


def train(ledger: Ledger, sweep: Sweep, numbers: Sequence[int] | None = None) -> None:
    """Store the given trials of a claimed sweep, or all of them, as ended."""
    wanted = [trial for trial in planned(sweep) if numbers is None or trial.number in numbers]
    ledger.append_trials(sweep.id, RUNNER, [ended(trial) for trial in wanted])


def finish(ledger: Ledger, sweep: Sweep) -> None:
    """Complete a claimed sweep with a report."""
    ledger.release_sweep(sweep.id, RUNNER, "completed")
    analysis = analyze(parse_spec(sweep.spec), ledger.all_trials(sweep.id))
    ledger.store_report(sweep.id, "<!doctype html><title>report</title>", analysis.to_json())


def unplanned(sweep: Sweep, number: int, lr: float) -> EndedTrial:
    """A stable trial that no plan has, as a search that decides while it goes comes up with."""
    like = ended(planned(sweep)[0])
    axes = {**like.axes, "optimizer.lr": lr}
    config = {**like.config, "optimizer": {**like.config["optimizer"], "lr": lr}}
    record = replace(like.record, number=number, verdict=Verdict("stable", like.record.verdict.evidence))
    return replace(like, number=number, config_number=number, axes=axes, config=config, record=record)
