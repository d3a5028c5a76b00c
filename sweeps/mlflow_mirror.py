"""The mirror: drains the ledger's outbox into MLflow, each sweep and each trial exactly once.

MLflow may be slow, down or gone: the sweep does not wait for it. Several mirrors may run; one works.
"""

import logging
import threading
import time
import uuid
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from functools import partial
from itertools import groupby

from sweeps.errors import LeaseLostError, LedgerUnavailableError
from sweeps.ledger import Ledger
from sweeps.ledger.base import PendingSweep, PendingTrial, Sweep
from sweeps.mlflow_backoff import Backoff
from sweeps.mlflow_drafts import RunDraft
from sweeps.mlflow_page import LivePages
from sweeps.mlflow_sink import RunRef, TrackingError, TrackingSink
from sweeps.mlflow_store import TrackingStore
from sweeps.mlflow_sweep_run import closing_draft, opening_draft, sweep_identity
from sweeps.mlflow_trial_run import trial_draft
from sweeps.mlflow_uri import check_tracking_uri

DEFAULT_EXPERIMENT = "gradsweep"
BATCH = 32
"""Trials between two looks at the outbox: two seconds of work for a tracking server."""
TABLE_BATCH = 128
"""The same for MLflow's tables, where a larger transaction costs less a trial: half a second of work."""
LEASE_SECONDS = 30.0
"""How long the outbox of a mirror that died is left alone; many times what a batch takes."""
IDLE_SECONDS = 0.5

logger = logging.getLogger(__name__)


class Mirror:
    """Brings what the outbox holds to a sink."""

    def __init__(
        self,
        ledger: Ledger,
        sink: TrackingSink,
        experiment_name: str = DEFAULT_EXPERIMENT,
        *,
        batch: int = BATCH,
        lease_seconds: float = LEASE_SECONDS,
        backoff: Backoff | None = None,
        pages: LivePages | None = None,
    ) -> None:
        self.id = f"mirror-{uuid.uuid4().hex[:12]}"
        self._ledger = ledger
        self._sink = sink
        self._experiment_name = experiment_name
        self._batch = batch
        self._lease_seconds = lease_seconds
        self._backoff = backoff or Backoff()
        self._pages = pages or LivePages()

    def drain_once(self) -> int:
        """Mirror at most one batch; how many runs are complete now that were not before.

        0 when nothing waits, when another mirror holds the outbox, or when MLflow fails: what failed stays
        in the outbox and rests for a while. Raises `LedgerUnavailableError`.
        """
        resting = self._backoff.resting()
        if not self._waits(resting) or not self._ledger.claim_mirror(self.id, self._lease_seconds):
            return 0
        outbox = self._ledger.pending_mirror(self._batch, resting)
        done = 0
        try:
            for sweep in outbox.sweeps:
                done += self._attempt(sweep.sweep.id, partial(self._mirror_sweep, sweep))
            for sweep_id, trials in groupby(outbox.trials, lambda pending: pending.trial.sweep_id):
                done += self._attempt(sweep_id, partial(self._mirror_trials, sweep_id, list(trials)))
        except LeaseLostError:
            logger.warning("another mirror has taken the outbox over")
        return done

    def run(self, stop: threading.Event, idle_seconds: float = IDLE_SECONDS) -> None:
        """Drain until `stop` is set; then let another mirror take over at once."""
        while not stop.is_set():
            try:
                if not self.drain_once():
                    stop.wait(idle_seconds)
            except LedgerUnavailableError as error:
                logger.warning("%s; trying again", error)
                stop.wait(idle_seconds)
        self.release()

    def drain(self, seconds: float) -> bool:
        """Drain for at most `seconds`; whether nothing is left to mirror."""
        deadline = time.monotonic() + seconds
        while self._waits(()):
            if time.monotonic() > deadline:
                return False
            if not self.drain_once():
                time.sleep(0.05)
        return True

    def release(self) -> None:
        """Let another mirror work."""
        try:
            self._ledger.release_mirror(self.id)
        except LedgerUnavailableError:
            logger.warning("the outbox is free again in at most %.0f s", self._lease_seconds)

    def _waits(self, resting: Collection[str]) -> bool:
        outbox = self._ledger.pending_mirror(1, resting)
        return bool(outbox.sweeps or outbox.trials)

    def _attempt(self, sweep_id: str, work: Callable[[], int]) -> int:
        """Do `work`; if MLflow fails, this sweep rests and the others go on."""
        try:
            done = work()
        except TrackingError as error:
            logger.warning("sweep %s rests for %.0f s: %s", sweep_id, self._backoff.failed(sweep_id), error)
            return 0
        self._backoff.succeeded(sweep_id)
        return done

    def _mirror_sweep(self, pending: PendingSweep) -> int:
        if pending.sweep.mlflow_run_id is None:
            return self._open_sweep(pending)
        return self._close_sweep(pending)

    def _open_sweep(self, pending: PendingSweep) -> int:
        sweep = pending.sweep
        experiment_id = self._sink.experiment_id(self._experiment_name)
        draft = opening_draft(replace(sweep, mlflow_experiment_id=experiment_id), self._pages)
        run = self._sink.find_run(experiment_id, draft.identity) if pending.attempted else None
        if run is None:
            self._ledger.begin_mirror(self.id, sweep.id)
            (run,) = self._sink.create_runs(experiment_id, [draft])
        self._sink.write_runs([(run, draft)])
        self._ledger.set_sweep_mlflow(sweep.id, experiment_id, run.run_id)
        return 1

    def _close_sweep(self, pending: PendingSweep) -> int:
        sweep = pending.sweep
        assert sweep.mlflow_experiment_id is not None
        run = self._sink.find_run(sweep.mlflow_experiment_id, sweep_identity(sweep.id))
        if run is not None:  # somebody may have deleted it, which is no reason to bring it back
            trials = self._ledger.all_trials(sweep.id)
            report = self._ledger.get_stored_report(sweep.id)
            draft = closing_draft(sweep, trials, report, self._pages)
            self._sink.write_runs([(run, draft)])
        self._ledger.mark_sweep_mirrored(self.id, sweep.id, pending.revision)
        return 1

    def _mirror_trials(self, sweep_id: str, pending: Sequence[PendingTrial]) -> int:
        sweep = self._ledger.get_sweep(sweep_id)
        if sweep.mlflow_experiment_id is None:
            return 0  # its parent run comes first
        drafts = {item.trial.number: trial_draft(sweep, item.trial) for item in pending}
        found = self._find(sweep.mlflow_experiment_id, drafts, pending)
        missing = {number: draft for number, draft in drafts.items() if number not in found}
        found |= self._create(sweep, missing)
        self._sink.write_runs([(found[number], draft) for number, draft in drafts.items()])
        run_ids = {number: run.run_id for number, run in found.items()}
        self._ledger.mark_trials_mirrored(self.id, sweep_id, run_ids)
        return len(run_ids)

    def _find(
        self, experiment_id: str, drafts: dict[int, RunDraft], pending: Sequence[PendingTrial]
    ) -> dict[int, RunRef]:
        """Runs that an earlier attempt, by whoever, did create."""
        numbers = [item.trial.number for item in pending if item.attempted]
        runs = {number: self._sink.find_run(experiment_id, drafts[number].identity) for number in numbers}
        return {number: run for number, run in runs.items() if run is not None}

    def _create(self, sweep: Sweep, drafts: dict[int, RunDraft]) -> dict[int, RunRef]:
        if not drafts:
            return {}
        assert sweep.mlflow_experiment_id is not None
        self._ledger.begin_mirror(self.id, sweep.id, list(drafts))
        runs = self._sink.create_runs(sweep.mlflow_experiment_id, list(drafts.values()))
        return dict(zip(drafts, runs, strict=True))


def open_mirror(
    ledger: Ledger,
    tracking_uri: str,
    experiment_name: str = DEFAULT_EXPERIMENT,
    *,
    store: TrackingStore | None = None,
    lease_seconds: float = LEASE_SECONDS,
    pages: LivePages | None = None,
) -> Mirror:
    """A mirror into the tracking store at `tracking_uri`, directly into what lies behind it if that is known.

    Raises `TrackingUriError`.
    """
    uri = check_tracking_uri(tracking_uri)
    direct = store or TrackingStore.of_uri(uri)
    batch = BATCH if direct is None else TABLE_BATCH
    sink = _open_sink(uri, direct)
    return Mirror(ledger, sink, experiment_name, batch=batch, lease_seconds=lease_seconds, pages=pages)


def _open_sink(tracking_uri: str, direct: TrackingStore | None) -> TrackingSink:
    """Sinks import MLflow, which takes a second: only where one is needed."""
    if direct is None:
        from sweeps.mlflow_client_sink import ClientSink

        return ClientSink(tracking_uri)
    from sweeps.mlflow_table_sink import TableSink

    return TableSink(tracking_uri, direct)
