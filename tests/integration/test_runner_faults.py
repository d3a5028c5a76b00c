"""Runners that are killed or stopped in the middle of a sweep, and what the next one makes of it."""

from collections import Counter
from pathlib import Path

import pytest

from sweeps.ledger import Ledger
from tests.integration.runner_process import all_gone, ended, runner_process
from tests.sweeps.small_sweep import queued, small_spec
from tests.waiting import PATIENCE_SECONDS, until

pytestmark = pytest.mark.integration

NUM_TRIALS = 6


def long_sweep(ledger: Ledger) -> str:
    """Trials that end at once beside one that takes seconds."""
    axes = {"steps": {"values": [10, 11, 12, 13, 14, 30_000]}}
    return queued(ledger, small_spec(axes=axes, seeds=1)).id


def test_a_sweep_outlives_its_killed_runner_and_has_each_trial_once(
    ledger_url: str, ledger: Ledger, tmp_path: Path
) -> None:
    sweep_id = long_sweep(ledger)
    with runner_process(ledger_url, tmp_path, "--lease-seconds", "3") as first:
        assert until(lambda: ledger.get_sweep(sweep_id).num_ended >= 1)
        family = first.family()
        trainers = [process for process in family if "Agent" not in process.name()]
        assert trainers
        first.kill()
        assert until(lambda: all_gone(trainers), 60), trainers
    num_before = ledger.get_sweep(sweep_id).num_ended
    assert num_before < NUM_TRIALS
    with runner_process(ledger_url, tmp_path, "--lease-seconds", "3") as second:
        sweep = ended(ledger, sweep_id)
        assert (sweep.status, sweep.num_ended) == ("completed", NUM_TRIALS)
        told = [
            trial["number"]
            for event in ledger.events(sweep_id)
            if event.type == "trials.ended"
            for trial in event.data["trials"]
        ]
        assert Counter(told) == dict.fromkeys(range(NUM_TRIALS), 1)
        assert until(lambda: ledger.get_analysis(sweep_id) is not None)
        assert second.stop() == 0
    assert until(lambda: all_gone(family)), family  # Ray's agents look for their node a while longer


def test_a_runner_that_is_asked_to_stop_gives_its_sweep_back_and_leaves_nothing(
    ledger_url: str, ledger: Ledger, tmp_path: Path
) -> None:
    sweep_id = long_sweep(ledger)
    with runner_process(ledger_url, tmp_path) as runner:
        assert until(lambda: ledger.get_sweep(sweep_id).num_ended >= 1)
        family = runner.family()
        assert runner.stop() == 0
        assert all_gone(family)
    sweep = ledger.get_sweep(sweep_id)
    assert (sweep.status, sweep.runner_id) == ("queued", None)
    assert ledger.live_runners(60) == []
    assert not list((tmp_path / "ray").glob("r-*"))


def test_a_runner_told_to_run_once_ends_when_nothing_waits(
    ledger_url: str, ledger: Ledger, tmp_path: Path
) -> None:
    sweep_ids = [queued(ledger, small_spec()).id for _ in range(2)]
    with runner_process(ledger_url, tmp_path, "--once") as runner:
        assert runner.process.wait(PATIENCE_SECONDS) == 0
    assert {ledger.get_sweep(sweep_id).status for sweep_id in sweep_ids} == {"completed"}
    assert all(ledger.get_analysis(sweep_id) is not None for sweep_id in sweep_ids)
