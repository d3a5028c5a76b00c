"""Stopping rules on a real Ray: who is stopped, what is left of them, and what numbers they bear."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sweeps.plan import Plan
from sweeps.ray_cluster import ClusterOptions, RayCluster
from sweeps.ray_tuner import SweepOrder, run_sweep
from sweeps.runner_queue import PackQueue
from tests.integration.test_ray_tuner import News
from tests.sweeps.small_sweep import small_plan
from trainers.record import TrialRecord
from trainers.rungs import is_stopped_early

pytestmark = pytest.mark.integration

NUM_STEPS = 90
RATES = [1.0, 0.3, 0.1, 0.03, 0.01, 0.003, 0.001, 0.0003, 0.0001]
BROKEN = [1e12] * 4
RULES = {
    "halving": {"kind": "halving", "factor": 3, "rungs": 2},
    "asha": {"kind": "asha", "factor": 3, "rungs": 2},
    "median": {"kind": "median", "rungs": 4, "grace": 1},
}


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RayCluster]:
    with RayCluster(ClusterOptions(tmp_path_factory.mktemp("ray"), num_cpus=2)) as cluster:
        yield cluster


def plan_of(rule: str, rates: list[float]) -> Plan:
    pack = 100 if rule == "halving" else 1
    axes: dict[str, Any] = {"optimizer.lr": {"values": sorted(set(rates), key=rates.index)}}
    seeds = len(rates) // len(set(rates))
    document: dict[str, Any] = {
        "axes": axes,
        "seeds": seeds,
        "stopping": RULES[rule],
        "resources": {"pack": pack},
    }
    return small_plan(base={"steps": NUM_STEPS}, **document)


def trained(rule: str, rates: list[float], folder: Path) -> dict[int, TrialRecord]:
    """Every trial's record; each must come once."""
    plan, news = plan_of(rule, rates), News()
    queue = PackQueue(plan.packs(2))
    order = SweepOrder("sweep", queue, plan.spec.resources, plan.spec.objective, 2, plan.spec.stopping)
    run_sweep(order, news, lambda: queue.finished, folder)
    assert sorted(record.number for record in news.records) == [trial.number for trial in plan.trials]
    last = [report for report in news.reports if report.record is not None]
    assert len({report.pack for report in last}) == len(last) == len(plan.packs(2))
    assert not news.reasons
    return {record.number: record for record in news.records}


@pytest.mark.parametrize("rule", RULES)
def test_what_falls_behind_ends_with_the_record_of_what_it_did(
    cluster: RayCluster, tmp_path: Path, rule: str
) -> None:
    records = trained(rule, RATES, tmp_path)
    stopped = [record for record in records.values() if is_stopped_early(record)]
    assert 0 < len(stopped) < len(RATES)
    for record in records.values():
        assert (record.num_steps_done < NUM_STEPS) == is_stopped_early(record)
        assert record.final["eval_loss"] is not None
        assert record.curves.steps[-1] >= record.num_steps_done - 1
    losses = {number: record.final["eval_loss"] or 0.0 for number, record in records.items()}
    assert not is_stopped_early(records[min(losses, key=lambda number: losses[number])])


@pytest.mark.parametrize("rule", RULES)
def test_a_sweep_of_nothing_but_broken_trials_ends(cluster: RayCluster, tmp_path: Path, rule: str) -> None:
    records = trained(rule, BROKEN, tmp_path)
    assert {record.verdict.outcome for record in records.values()} <= {"exploded", "diverged"}


@pytest.mark.parametrize("rule", RULES)
def test_broken_trials_stop_no_sound_one_and_are_not_stopped_for_its_sake(
    cluster: RayCluster, tmp_path: Path, rule: str
) -> None:
    rates = [1e12, 0.5, 1e11, 0.4, 1e10, 0.3]
    records = trained(rule, rates, tmp_path)
    sound = [number for number, lr in enumerate(rates) if lr < 1]
    assert any(records[number].num_steps_done == NUM_STEPS for number in sound)
    for number in set(range(6)).difference(sound):
        assert records[number].num_steps_done < NUM_STEPS
