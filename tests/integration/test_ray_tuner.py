"""Packs on a real Ray, without a ledger: what comes back, and what happens when workers die."""

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import psutil
import pytest

from sweeps.plan import Plan
from sweeps.plan_packs import PlannedPack, PlannedTrial
from sweeps.ray_cluster import ClusterOptions, RayCluster
from sweeps.ray_pack import PackTrainable
from sweeps.ray_tuner import SweepOrder, pack_config, run_sweep
from sweeps.runner_queue import PackQueue
from sweeps.spec import Resources
from sweeps.worker_messages import PackReport
from tests.sweeps.small_sweep import small_plan
from tests.waiting import until
from trainers.pack import PackRun, PackTrial
from trainers.record import TrialRecord

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RayCluster]:
    options = ClusterOptions(tmp_path_factory.mktemp("ray"), num_cpus=2, num_gpus=1)
    with RayCluster(options) as cluster:
        yield cluster


@dataclass
class News:
    """Keeps what it is told."""

    records: list[TrialRecord] = field(default_factory=list)
    reports: list[PackReport] = field(default_factory=list)
    given_up: list[int] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)

    def started(self, pack: PlannedPack) -> None: ...

    def reported(self, report: PackReport) -> None:
        self.reports.append(report)
        self.records.extend(report.records)

    def lost(self, pack: PlannedPack, given_up: Sequence[PlannedTrial], reason: str) -> None:
        self.given_up.extend(trial.number for trial in given_up)
        self.reasons.append(reason)


def run(plan: Plan, news: News, folder: Path, num_workers: int = 2) -> None:
    queue = PackQueue(plan.packs(num_workers))
    order = SweepOrder("sweep", queue, plan.spec.resources, plan.spec.objective, num_workers)
    run_sweep(order, news, lambda: queue.finished, folder)


def workers() -> list[psutil.Process]:
    """The processes that train packs right now."""
    mine = psutil.Process().children(recursive=True)
    return [process for process in mine if "PackTrainable" in " ".join(cmdline(process))]


def cmdline(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []


@dataclass
class Finished:
    """A sweep of packs of one whose workers shared a GPU, and the files that Tune wrote about it."""

    plan: Plan
    news: News
    folder: Path


@pytest.fixture(scope="module")
def finished(cluster: RayCluster, tmp_path_factory: pytest.TempPathFactory) -> Finished:
    resources = Resources(cpus_per_worker=0.5, gpus_per_worker=0.5, pack=1)
    done = Finished(small_plan(resources=resources.model_dump()), News(), tmp_path_factory.mktemp("tune"))
    run(done.plan, done.news, done.folder, num_workers=cluster.num_workers(0.5, 0.5))
    return done


def idle_workers() -> set[int]:
    mine = psutil.Process().children(recursive=True)
    return {process.pid for process in mine if "ray::IDLE" in " ".join(cmdline(process))}


def test_a_sweep_is_trained_by_the_workers_that_were_warmed_for_it(
    cluster: RayCluster, tmp_path: Path
) -> None:
    trained_by: set[int] = set()

    class NotesWorkers(News):
        def reported(self, report: PackReport) -> None:
            trained_by.update(process.pid for process in workers())

    cluster.warm()
    assert until(lambda: len(idle_workers()) >= 2)
    warm = idle_workers()
    run(small_plan(resources={"pack": 1}), NotesWorkers(), tmp_path, num_workers=1)
    assert trained_by
    assert trained_by <= warm


def test_trials_on_ray_equal_the_same_trials_trained_directly_bit_for_bit(finished: Finished) -> None:
    got = {record.number: record for record in finished.news.records}
    assert sorted(got) == [trial.number for trial in finished.plan.trials]
    for trial in finished.plan.trials:
        (expected,) = PackRun([PackTrial(trial.number, trial.config)]).advance(60.0)
        record = got[trial.number]
        assert (record.verdict, record.final) == (expected.verdict, expected.final)
        assert record.curves.scalars.keys() == expected.curves.scalars.keys()
        for name, values in expected.curves.scalars.items():
            np.testing.assert_array_equal(record.curves.scalars[name], values)


def test_every_pack_reports_its_end_once(finished: Finished) -> None:
    last = [report for report in finished.news.reports if report.record is not None]
    assert sorted(report.pack for report in last) == [0, 1, 2, 3, 4, 5]
    assert all(report.progress.num_ended == report.progress.num_trials == 1 for report in last)


def test_reports_leave_no_trace_in_the_files_of_tune(finished: Finished) -> None:
    written = [path for path in finished.folder.rglob("*") if path.is_file()]
    assert written
    assert not [path.name for path in written if path.suffix in {".csv", ".tfevents"}]
    assert not [path.name for path in written if path.name == "result.json"]
    assert not any(b"PackReport" in path.read_bytes() for path in written)


def test_a_killed_worker_is_replaced_and_every_trial_ends_once(cluster: RayCluster, tmp_path: Path) -> None:
    class KillOnce(News):
        def reported(self, report: PackReport) -> None:
            super().reported(report)
            if self.records and report.record is None and not self.killed:  # this one is on its way
                self.killed = [process.pid for process in workers()]
                for pid in self.killed:
                    psutil.Process(pid).kill()

        killed: Sequence[int] = ()

    plan = small_plan(seeds=8, base={"steps": 1500}, resources={"pack": 4})
    news = KillOnce()
    run(plan, news, tmp_path)
    assert news.killed
    assert news.reasons
    assert not news.given_up
    assert sorted({record.number for record in news.records}) == [trial.number for trial in plan.trials]
    assert all(record.verdict.outcome != "failed" for record in news.records)


def test_a_trial_whose_workers_keep_dying_is_given_up(cluster: RayCluster, tmp_path: Path) -> None:
    plan = small_plan(axes={}, seeds=1, base={"steps": 1_000_000})
    news = News()
    over = threading.Event()

    def kill_every_worker() -> None:
        while not over.wait(0.05):
            for process in workers():
                process.kill()

    killer = threading.Thread(target=kill_every_worker)
    killer.start()
    try:
        run(plan, news, tmp_path)
    finally:
        over.set()
        killer.join()
    assert news.given_up == [0]
    assert news.records == []


def test_a_sweep_that_is_over_stops_in_the_middle_of_its_packs(cluster: RayCluster, tmp_path: Path) -> None:
    plan = small_plan(base={"steps": 1_000_000}, resources={"pack": 3})
    news = News()
    queue = PackQueue(plan.packs(1))
    order = SweepOrder("sweep", queue, plan.spec.resources, plan.spec.objective, 1)
    run_sweep(order, news, lambda: len(news.reports) >= 2, tmp_path)
    assert not queue.finished
    assert len(news.records) == 0
    assert until(lambda: workers() == [])


def test_what_the_receiver_of_news_raises_is_raised_as_it_was(cluster: RayCluster, tmp_path: Path) -> None:
    class Refuses(News):
        def reported(self, report: PackReport) -> None:
            raise KeyError("no such sweep")

    with pytest.raises(KeyError, match="no such sweep"):
        run(small_plan(), Refuses(), tmp_path, num_workers=1)


def test_a_part_of_a_gpu_reaches_the_placement_group(cluster: RayCluster) -> None:
    plan = small_plan(resources={"cpus_per_worker": 0.5, "gpus_per_worker": 0.25})
    config = pack_config(plan.packs(1)[0], plan.spec.resources, plan.spec.objective)
    request = PackTrainable.default_resource_request(config)
    assert request.bundles == [{"CPU": 0.5, "GPU": 0.25}]


@pytest.mark.parametrize(
    ("cpus", "gpus", "num_workers"), [(1, 0, 2), (0.5, 0, 4), (3, 0, 0), (0.5, 0.5, 2), (1, 1, 1), (1, 2, 0)]
)
def test_a_cluster_has_room_for_so_many_workers(
    cluster: RayCluster, cpus: float, gpus: float, num_workers: int
) -> None:
    assert cluster.num_workers(cpus, gpus) == num_workers
