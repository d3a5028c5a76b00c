"""One claimed sweep, from its claim to its release."""

import logging
import shutil
import threading
from dataclasses import dataclass
from pathlib import Path

from sweeps.errors import LeaseLostError, LedgerUnavailableError, NoRoomError, SweepError
from sweeps.ledger import Ledger
from sweeps.ledger.base import Sweep, SweepStatus
from sweeps.plan import Plan, make_plan
from sweeps.plan_packs import PlannedPack
from sweeps.ray_cluster import RayCluster
from sweeps.ray_tuner import PackSink, SweepOrder, run_sweep
from sweeps.runner_lease import Lease
from sweeps.runner_queue import PackQueue, packs_left
from sweeps.runner_room import wait_for_room
from sweeps.runner_rounds import Rounds
from sweeps.runner_writer import TrialWriter
from sweeps.spec import Resources, parse_spec

ERROR_CHARACTERS = 2000

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class SweepContext:
    """What running a sweep leans on. `stop` says that the runner itself is to end."""

    ledger: Ledger
    cluster: RayCluster
    runner_id: str
    lease_seconds: float
    folder: Path
    stop: threading.Event


class ClaimedSweep:
    """Trains what the ledger lacks of a sweep's plan, and gives the sweep up in the right status."""

    def __init__(self, sweep: Sweep, context: SweepContext) -> None:
        self._sweep = sweep
        self._context = context
        self._ledger = context.ledger
        self._lease = Lease(context.ledger, sweep.id, context.runner_id, context.lease_seconds)
        self._queue = PackQueue(())
        self._released: SweepStatus | None = None

    def run(self) -> SweepStatus | None:
        """Train; the status that the sweep was released with, None when it is left to another runner."""
        with self._lease:
            try:
                self._train()
                if not self._is_over():
                    raise SweepError("Ray Tune ended before the sweep did")
            except (LeaseLostError, LedgerUnavailableError) as error:
                logger.warning("sweep %s is left to another runner: %s", self._sweep.id, error)
            except Exception as error:
                self._fail(error)
        return self._released

    def _train(self) -> None:
        spec = parse_spec(self._sweep.spec)
        plan = make_plan(spec)
        num_workers = self._num_workers(spec.resources)
        sink = self._sink(plan, num_workers)
        if self._is_over():
            return
        order = SweepOrder(
            self._sweep.id, self._queue, spec.resources, spec.objective, num_workers, spec.stopping
        )
        try:
            run_sweep(order, sink, self._is_over, self._context.folder)
        finally:
            shutil.rmtree(self._context.folder / self._sweep.id, ignore_errors=True)

    def _sink(self, plan: Plan, num_workers: int) -> PackSink:
        """What takes in the news of packs; the queue is filled with what is left to train."""
        trials = {} if plan.is_adaptive else {trial.number: trial for trial in plan.trials}
        writer = TrialWriter(self._ledger, self._lease, trials, plan.spec.objective.metric)
        if not plan.is_adaptive:
            self._queue = PackQueue(self._packs(plan, num_workers))
            return writer
        rows = self._ledger.all_trials(self._sweep.id)
        rounds = Rounds(plan, writer, self._ledger, self._lease)
        self._queue = rounds.begin(rows, num_workers, first_pack=self._first_pack())
        return rounds

    def _num_workers(self, wanted: Resources) -> int:
        """How many workers to use; raises `NoRoomError` when there is room for none, now and soon."""
        cluster = self._context.cluster
        room = wait_for_room(
            lambda: cluster.num_workers(wanted.cpus_per_worker, wanted.gpus_per_worker),
            self._is_called_off,
            cluster.seconds_to_join,
        )
        if room == 0 and self._is_called_off():
            return 1  # which nobody is going to train on
        if room == 0:
            raise NoRoomError(
                f"a worker needs {wanted.cpus_per_worker:g} CPUs and {wanted.gpus_per_worker:g} GPUs on one "
                "machine, and no machine of the cluster has them; lower cpus_per_worker or gpus_per_worker"
            )
        return room if wanted.workers == "auto" else min(wanted.workers, room)

    def _packs(self, plan: Plan, num_workers: int) -> list[PlannedPack]:
        """The plan less the ledger. Packs of an earlier runner keep their numbers to themselves."""
        ended = self._ledger.ended_numbers(self._sweep.id)
        return packs_left(plan.packs(num_workers), ended, self._first_pack() if ended else 0)

    def _first_pack(self) -> int:
        return max((trial.pack for trial in self._ledger.all_trials(self._sweep.id)), default=-1) + 1

    def _is_called_off(self) -> bool:
        """Whether somebody wants the sweep to end before it has trained everything."""
        lease = self._lease
        return lease.lost or lease.cancel or lease.pause or self._context.stop.is_set()

    def _is_over(self) -> bool:
        """Whether nothing more will be written. If so the sweep is released, while Ray still tidies up."""
        lease = self._lease
        if lease.lost:
            return True
        if self._queue.finished:
            self._release("completed")
        elif lease.cancel:
            self._release("cancelled")
        elif lease.pause:
            self._release("paused")
        elif self._context.stop.is_set():
            self._release("queued")
        return self._released is not None

    def _fail(self, error: Exception) -> None:
        logger.error("sweep %s failed", self._sweep.id, exc_info=error)
        text = str(error) if isinstance(error, SweepError) else f"{type(error).__name__}: {error}"
        try:
            self._release("failed", text[:ERROR_CHARACTERS])
        except (LeaseLostError, LedgerUnavailableError) as unwritten:
            logger.warning("sweep %s is left to another runner: %s", self._sweep.id, unwritten)

    def _release(self, status: SweepStatus, error: str | None = None) -> None:
        if self._released is not None:
            return
        lease = self._lease
        sweep = lease.insist(
            lambda: self._ledger.release_sweep(self._sweep.id, lease.runner_id, status, error)
        )
        self._released = sweep.status
        lease.end()
        logger.info("sweep %s is %s", self._sweep.id, sweep.status)
