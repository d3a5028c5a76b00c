"""Runners that are killed or stopped in the middle of a sweep, and what the next one makes of it."""

import time
from collections import Counter
from pathlib import Path

import pytest

from sweeps.ledger import Ledger
from tests.integration.runner_process import all_gone, runner_process
from tests.sweeps.small_sweep import queued, small_spec
from tests.waiting import PATIENCE_SECONDS, until

pytestmark = pytest.mark.integration

NUM_TRIALS = 6


SHORT_LEASE = ("--lease-seconds", "3")


def long_sweep(ledger: Ledger) -> str:
    """Trials that end at once beside one that takes seconds."""
    axes = {"steps": {"values": [10, 11, 12, 13, 14, 12_000]}}
    return queued(ledger, small_spec(axes=axes, seeds=1)).id


def test_a_sweep_outlives_a_stopped_and_a_killed_runner_and_has_each_trial_once(
    ledger_url: str, ledger: Ledger, tmp_path: Path
) -> None:
    sweep_id = long_sweep(ledger)
    _stop_in_the_middle(ledger_url, ledger, sweep_id, tmp_path)
    _kill_in_the_middle(ledger_url, ledger, sweep_id, tmp_path)
    short = queued(ledger, small_spec()).id
    with runner_process(ledger_url, tmp_path, *SHORT_LEASE, "--once") as last:
        assert last.process.wait(PATIENCE_SECONDS) == 0
    for ended, num_trials in ((ledger.get_sweep(sweep_id), NUM_TRIALS), (ledger.get_sweep(short), 6)):
        assert (ended.status, ended.num_ended) == ("completed", num_trials)
        assert ledger.get_analysis(ended.id) is not None
    told = [
        trial["number"]
        for event in ledger.events(sweep_id)
        if event.type == "trials.ended"
        for trial in event.data["trials"]
    ]
    assert Counter(told) == dict.fromkeys(range(NUM_TRIALS), 1)


def _stop_in_the_middle(ledger_url: str, ledger: Ledger, sweep_id: str, folder: Path) -> None:
    """A runner that is asked to stop gives its sweep back and leaves nothing."""
    with runner_process(ledger_url, folder) as runner:
        assert until(lambda: ledger.get_sweep(sweep_id).num_ended >= 1)
        family = runner.family()
        assert runner.stop() == 0
        assert all_gone(family)
    sweep = ledger.get_sweep(sweep_id)
    assert (sweep.status, sweep.runner_id) == ("queued", None)
    assert sweep.num_ended < NUM_TRIALS
    assert ledger.live_runners(60) == []
    assert not list((folder / "ray").glob("r-*"))


def _kill_in_the_middle(ledger_url: str, ledger: Ledger, sweep_id: str, folder: Path) -> None:
    """A runner that is killed leaves no process that trains, and its sweep is free once the lease is over."""
    num_packs = _num_packs_begun(ledger, sweep_id)
    with runner_process(ledger_url, folder, *SHORT_LEASE) as runner:
        assert until(lambda: _num_packs_begun(ledger, sweep_id) > num_packs)
        trainers = [process for process in runner.family() if "Agent" not in process.name()]
        assert trainers
        runner.kill()
        assert until(lambda: all_gone(trainers), 60), trainers
    sweep = ledger.get_sweep(sweep_id)
    assert (sweep.status, sweep.num_ended < NUM_TRIALS) == ("running", True)
    assert until(lambda: time.time() > (sweep.lease_expires_at or 0))


def _num_packs_begun(ledger: Ledger, sweep_id: str) -> int:
    return sum(event.type == "pack.started" for event in ledger.events(sweep_id))
