"""Searches by a model that begin with what an earlier sweep found."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sweeps.ledger import Ledger, open_ledger
from sweeps.ledger.base import EndedTrial, Sweep
from sweeps.plan import make_plan
from sweeps.spec import SpecError, SweepSpec
from sweeps.warm_start import earlier_trials
from tests.contracts.ledger_rows import curves_of
from tests.sweeps.small_sweep import queued, small_spec
from trainers.record import Evidence, TrialRecord, Verdict


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    ledger = open_ledger(f"sqlite:///{tmp_path / 'ledger.db'}")
    yield ledger
    ledger.close()


def ended_sweep(ledger: Ledger, **changes: Any) -> Sweep:
    """A grid over learning rate and clip, each trial with the learning rate as its loss."""
    axes = {
        "optimizer.lr": {"values": [0.1, 0.01, 10]},
        "clip": {"values": [{"kind": "none"}, {"kind": "global_norm"}]},
    }
    spec = small_spec(**({"axes": axes, "seeds": 2} | changes))
    sweep = queued(ledger, spec)
    ledger.claim_sweep("me", 60)
    ledger.append_trials(sweep.id, "me", [_ended(trial) for trial in make_plan(spec).trials])
    return ledger.release_sweep(sweep.id, "me", "completed")


def _ended(trial: Any) -> EndedTrial:
    lr = trial.config.optimizer.lr
    record = TrialRecord(trial.number, Verdict("stable", Evidence("")), 20, {}, curves_of(0), 0.1)
    config = trial.config.model_dump(mode="json")
    return EndedTrial(trial.number, trial.config_number, trial.repeat, config, trial.axes, record, lr, 0)


def going_on(sweep_id: str, **changes: Any) -> SweepSpec:
    axes = {
        "optimizer.lr": {"log_uniform": [0.05, 100]},
        "clip.kind": {"values": ["none", "global_norm"]},
        "clip.max_norm": {"log_uniform": [0.1, 10], "when": {"clip.kind": "global_norm"}},
    }
    search = {"kind": "tpe", "trials": 20, "warm_start": sweep_id}
    return small_spec(**({"axes": axes, "search": search, "seeds": 1} | changes))


def test_trials_that_the_sweep_could_have_had_are_read_as_its_axes_would_write_them(ledger: Ledger) -> None:
    earlier = earlier_trials(ledger, going_on(ended_sweep(ledger).id))
    assert [assignment for assignment, _ in earlier] == [
        {"optimizer.lr": 0.1, "clip.kind": "none"},
        {"optimizer.lr": 0.1, "clip.kind": "global_norm", "clip.max_norm": 1},
        {"optimizer.lr": 10, "clip.kind": "none"},
        {"optimizer.lr": 10, "clip.kind": "global_norm", "clip.max_norm": 1},
    ]  # 0.01 is outside the range
    assert [result.objective for result in earlier[0][1]] == [0.1, 0.1]


def test_the_model_is_asked_at_once_and_counts_only_its_own_trials(ledger: Ledger) -> None:
    spec = going_on(ended_sweep(ledger).id)
    course = make_plan(spec).course(earlier_trials(ledger, spec))
    first = course.start({})
    assert [trial.number for trial in first] == list(range(8))
    assert first == make_plan(spec).course(earlier_trials(ledger, spec)).start({})


def test_a_sweep_that_has_no_earlier_one_reads_nothing(ledger: Ledger) -> None:
    assert earlier_trials(ledger, small_spec()) == ()


def refusal(ledger: Ledger, spec: SweepSpec) -> str:
    with pytest.raises(SpecError) as caught:
        earlier_trials(ledger, spec)
    (problem,) = caught.value.problems
    assert problem.path == "search.warm_start"
    return problem.expected


def test_an_earlier_sweep_must_be_there_have_ended_and_fit(ledger: Ledger) -> None:
    done = ended_sweep(ledger).id
    waiting = queued(ledger, small_spec()).id
    assert "that is there" in refusal(ledger, going_on("nowhere"))
    assert "has ended; this one is queued" in refusal(ledger, going_on(waiting))
    other = {"data": {"kind": "digits"}, "model": {"kind": "mlp", "hidden": [9]}}
    assert "same workload" in refusal(ledger, going_on(done, workload=other))
    assert "could have had" in refusal(ledger, going_on(done, base={"steps": 21}))
    objective = {"metric": "eval_accuracy", "mode": "max"}
    assert "same objective" in refusal(ledger, going_on(done, objective=objective))
