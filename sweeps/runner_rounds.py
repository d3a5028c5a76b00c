"""An adaptive search while it runs: what ends is stored first, and then decides what comes next."""

from collections.abc import Mapping, Sequence

from sweeps.ledger import Ledger
from sweeps.ledger.base import TrialRow
from sweeps.plan import Plan
from sweeps.plan_packs import PlannedPack, PlannedTrial
from sweeps.rounds import Result
from sweeps.runner_lease import Lease
from sweeps.runner_queue import PackQueue
from sweeps.runner_writer import TrialWriter
from sweeps.scores import objective_of
from sweeps.warm_start import earlier_trials
from sweeps.worker_messages import PackReport


class Rounds:
    """Takes in the news of packs, and adds the trials that follow from them to the queue.

    Results are stored before anything is asked for because of them: whoever reads the ledger after a kill
    comes to the same rounds.
    """

    def __init__(self, plan: Plan, writer: TrialWriter, ledger: Ledger, lease: Lease) -> None:
        self._plan = plan
        self._writer = writer
        self._ledger = ledger
        self._lease = lease
        self._course = plan.course(earlier_trials(ledger, plan.spec))
        self._queue = PackQueue(())

    def begin(self, rows: Sequence[TrialRow], num_workers: int, first_pack: int) -> PackQueue:
        """The queue of what is left of the rounds so far, given the trials that have ended."""
        self._queue = PackQueue((), self._packs, num_workers, first_pack)
        ended = {row.number: Result.of(row.record, row.objective) for row in rows}
        trials = self._course.start(ended)
        self._add([trial for trial in trials if trial.number not in ended])
        return self._queue

    def started(self, pack: PlannedPack) -> None:
        """A pack was handed out."""
        self._writer.started(pack)

    def reported(self, report: PackReport) -> None:
        """Store what ended, then go on with the strands that are answered."""
        self._writer.reported(report)
        metric = self._plan.spec.objective.metric
        self._go_on(
            {record.number: Result.of(record, objective_of(record, metric)) for record in report.records}
        )

    def lost(self, pack: PlannedPack, given_up: Sequence[PlannedTrial], reason: str) -> None:
        """Trials that are given up count as failed, here as in the ledger."""
        self._writer.lost(pack, given_up, reason)
        self._go_on({trial.number: Result("failed", None) for trial in given_up})

    def _go_on(self, results: Mapping[int, Result]) -> None:
        if results:
            self._add(self._course.tell(results))

    def _add(self, trials: Sequence[PlannedTrial]) -> None:
        """Announce trials and queue them; once the search is over, what there is is all there will be."""
        if trials or self._course.finished:
            self._lease.insist(self._announce)
        self._writer.expect(trials)
        self._queue.add(trials)

    def _announce(self) -> None:
        course, lease = self._course, self._lease
        most = None if course.finished else course.max_trials
        self._ledger.plan_trials(lease.sweep_id, lease.runner_id, course.num_trials, most)

    def _packs(
        self, trials: Sequence[PlannedTrial], num_idle: int
    ) -> Sequence[tuple[str, tuple[PlannedTrial, ...]]]:
        return self._plan.round_packs(trials, num_idle, self._course.strand_of)
