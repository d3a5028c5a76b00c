"""Adaptive searches under a real runner: rounds that go on over kills and pauses, with nothing done twice."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import psutil
import pytest

from sweeps.ledger import Ledger
from sweeps.ledger.base import NewSweep, Sweep
from sweeps.plan import make_plan
from sweeps.rounds import Result
from sweeps.spec import parse_spec
from tests.integration.runner_process import RunnerProcess, all_gone, ended, runner_process
from tests.sweeps.small_sweep import small_spec
from tests.waiting import until

pytestmark = [pytest.mark.integration, pytest.mark.timeout(900)]

SHORT_LEASE = ("--lease-seconds", "3")


def edge_sweep(ledger: Ledger, **changes: Any) -> Sweep:
    """Two cells, of which one has no edge in the range; packs are small, so that rounds overlap."""
    axes = {
        "optimizer.lr": {"log_uniform": [0.01, 1000]},
        "clip": {"values": [{"kind": "none"}, {"kind": "normalize", "alpha": 1e-4}]},
    }
    document: dict[str, Any] = {
        "axes": axes,
        "seeds": 2,
        "search": {"kind": "edge"},
        "resources": {"pack": 2},
    }
    spec = small_spec(**(document | changes))
    plan = make_plan(spec)
    new = NewSweep(spec.name, spec.canonical(), len(plan.trials), max_trials=plan.max_trials)
    return ledger.create_sweep(new)


def has_every_trial_of_its_rounds_once(ledger: Ledger, sweep: Sweep) -> bool:
    """Whether the rounds, replayed from what ended, are over and asked for exactly these trials."""
    rows = ledger.all_trials(sweep.id)
    course = make_plan(parse_spec(sweep.spec)).course()
    planned = course.start({row.number: Result.of(row.record, row.objective) for row in rows})
    told = [
        trial["number"]
        for event in ledger.events(sweep.id)
        if event.type == "trials.ended"
        for trial in event.data["trials"]
    ]
    assert Counter(told) == dict.fromkeys([row.number for row in rows], 1)
    by_number = {trial.number: trial.config.model_dump(mode="json") for trial in planned}
    return course.finished and by_number == {row.number: row.config for row in rows}


@pytest.fixture
def ledger(shared_ledger: Ledger) -> Ledger:
    return shared_ledger


@dataclass
class Interrupted:
    """A sweep whose runner was killed in the middle of its rounds, and what that runner had started."""

    sweep: Sweep
    family: list[psutil.Process]


@pytest.fixture(scope="module")
def interrupted(
    shared_ledger: Ledger, shared_ledger_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Interrupted:
    sweep_id = edge_sweep(shared_ledger, base={"steps": 150}).id
    with runner_process(shared_ledger_url, tmp_path_factory.mktemp("first"), *SHORT_LEASE) as runner:
        assert until(lambda: shared_ledger.get_sweep(sweep_id).num_ended >= 3)
        family = runner.family()
        runner.kill()
        trainers = [process for process in family if "Agent" not in process.name()]
        assert until(lambda: all_gone(trainers), 60)
    return Interrupted(shared_ledger.get_sweep(sweep_id), family)


@pytest.fixture(scope="module", autouse=True)
def runner(
    interrupted: Interrupted, shared_ledger_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunnerProcess]:
    """The next runner."""
    with runner_process(shared_ledger_url, tmp_path_factory.mktemp("second"), *SHORT_LEASE) as runner:
        yield runner


def test_a_search_outlives_a_runner_killed_in_the_middle_of_its_rounds(
    ledger: Ledger, interrupted: Interrupted
) -> None:
    assert interrupted.sweep.ended_at is None
    sweep = ended(ledger, interrupted.sweep.id)
    assert sweep.status == "completed"
    assert sweep.num_ended == sweep.num_trials > 12
    assert sweep.max_trials is None
    assert has_every_trial_of_its_rounds_once(ledger, sweep)
    packs = [row.pack for row in ledger.packs(sweep.id)]
    assert len(packs) == len(set(packs))


def test_a_search_that_was_paused_goes_on_and_a_cancelled_one_keeps_what_it_has(ledger: Ledger) -> None:
    paused = edge_sweep(ledger, base={"steps": 150}).id
    assert until(lambda: ledger.get_sweep(paused).num_ended >= 3)
    ledger.request_pause(paused)
    assert until(lambda: ledger.get_sweep(paused).status == "paused")
    assert ledger.get_sweep(paused).max_trials is not None
    ledger.request_resume(paused)
    sweep = ended(ledger, paused)
    assert sweep.status == "completed"
    assert has_every_trial_of_its_rounds_once(ledger, sweep)
    cancelled = edge_sweep(ledger, base={"steps": 100_000}).id
    assert until(lambda: ledger.get_sweep(cancelled).status == "running")
    ledger.request_cancel(cancelled)
    assert ended(ledger, cancelled).status == "cancelled"
    assert until(lambda: ledger.get_analysis(paused) is not None)


def test_what_a_killed_runner_had_started_ends_by_itself(interrupted: Interrupted) -> None:
    """The last test here: Ray's agents look for their node for a minute, in which the others run."""
    assert until(lambda: all_gone(interrupted.family)), interrupted.family
