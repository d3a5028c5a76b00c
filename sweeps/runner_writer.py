"""From reports of workers to rows of the ledger."""

from collections.abc import Iterable, Mapping, Sequence

from sweeps.errors import WorkerLostError
from sweeps.ledger import Ledger
from sweeps.ledger.base import EndedTrial, PackRow
from sweeps.plan_packs import PlannedPack, PlannedTrial
from sweeps.runner_lease import Lease
from sweeps.scores import objective_of
from sweeps.worker_messages import PackReport
from trainers.failure import failed_record
from trainers.record import TrialRecord
from trainers.trial import PackTrial


class TrialWriter:
    """Writes what workers report while the lease holds; every method raises what `Lease.insist` does."""

    def __init__(self, ledger: Ledger, lease: Lease, trials: Mapping[int, PlannedTrial], metric: str) -> None:
        self._ledger = ledger
        self._lease = lease
        self._trials = dict(trials)
        self._metric = metric

    def expect(self, trials: Iterable[PlannedTrial]) -> None:
        """Learn of trials that were planned later."""
        self._trials |= {trial.number: trial for trial in trials}

    def started(self, pack: PlannedPack) -> None:
        """Tell that a pack was handed out."""
        self._tell("pack.started", {"pack": pack.number, "num_trials": len(pack.trials)})

    def reported(self, report: PackReport) -> None:
        """Store the trials that ended, and how the pack was trained once it is done."""
        if report.records or report.record is not None:
            row = None if report.record is None else PackRow(self._lease.sweep_id, report.pack, report.record)
            self._append([self._ended(record, report.pack) for record in report.records], row)
        if report.record is not None:
            data = {
                "pack": report.pack,
                "num_trials": report.record.num_trials,
                "stack_size": report.record.stack_size,
                "train_seconds": report.record.train_seconds,
            }
            self._tell("pack.ended", data)

    def lost(self, pack: PlannedPack, given_up: Sequence[PlannedTrial], reason: str) -> None:
        """Tell that a worker is gone; trials that keep losing theirs end as failed."""
        self._tell("pack.lost", {"pack": pack.number, "reason": reason, "num_given_up": len(given_up)})
        if given_up:
            error = WorkerLostError(f"every worker that trained this trial was lost; the last time: {reason}")
            records = [failed_record(PackTrial(trial.number, trial.config), error) for trial in given_up]
            self._append([self._ended(record, pack.number) for record in records], None)

    def _ended(self, record: TrialRecord, pack: int) -> EndedTrial:
        planned = self._trials[record.number]
        return EndedTrial(
            number=planned.number,
            config_number=planned.config_number,
            repeat=planned.repeat,
            config=planned.config.model_dump(mode="json"),
            axes=planned.axes,
            record=record,
            objective=objective_of(record, self._metric),
            pack=pack,
        )

    def _append(self, trials: Sequence[EndedTrial], pack: PackRow | None) -> None:
        lease = self._lease
        self._lease.insist(lambda: self._ledger.append_trials(lease.sweep_id, lease.runner_id, trials, pack))

    def _tell(self, kind: str, data: Mapping[str, int | float | str]) -> None:
        self._lease.insist(lambda: self._ledger.add_event(self._lease.sweep_id, kind, data))
