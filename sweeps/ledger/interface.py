"""The ledger's interface: every question and every change that the rest of gradsweep may ask for."""

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Literal

from sweeps.ledger.base import (
    EndedTrial,
    Event,
    Flags,
    NewSweep,
    Outbox,
    PackRow,
    Page,
    Runner,
    Standing,
    StoredReport,
    Sweep,
    SweepStatus,
    TrialRow,
)
from trainers.record import OutcomeName

TrialSort = Literal["number", "-number", "objective", "-objective"]


class Ledger(ABC):
    """The truth about sweeps, their queue, and the outbox towards MLflow. Safe to share between threads.

    Every change is one transaction and writes its own event in it: `sweep.queued`, `sweep.started`,
    `trials.planned`, `trials.ended`, `sweep.cancel_requested`, `sweep.paused`, `sweep.extended`,
    `sweep.ended`, `report.ready`, `sweep.mirrored`.
    Callers add only events about what the ledger cannot see, such as `pack.started` and `pack.ended`.
    Every method may raise `LedgerUnavailableError`. Numbers that are NaN or infinite are stored as None.
    """

    # Sweeps

    @abstractmethod
    def create_sweep(self, new: NewSweep) -> Sweep:
        """Queue a sweep. A known idempotency key with an equal spec gives the earlier sweep.

        Raises `ConflictError` when the key was used for another spec.
        """

    @abstractmethod
    def get_sweep(self, sweep_id: str) -> Sweep:
        """One sweep. Raises `NotFoundError`."""

    @abstractmethod
    def list_sweeps(
        self,
        *,
        status: SweepStatus | None = None,
        name: str | None = None,
        tag: str | None = None,
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page[Sweep]:
        """Sweeps, the newest first. `tag` is KEY or KEY:VALUE. Raises `CursorError`."""

    @abstractmethod
    def request_cancel(self, sweep_id: str) -> Sweep:
        """Ask a sweep to end. One that no living runner holds ends at once; cancelling twice is no error.

        Raises `NotFoundError`, and `ConflictError` when it completed or failed.
        """

    @abstractmethod
    def request_pause(self, sweep_id: str) -> Sweep:
        """Ask a sweep to pause; a queued one pauses at once.

        Raises `NotFoundError`, and `ConflictError` when it has ended.
        """

    @abstractmethod
    def request_resume(self, sweep_id: str) -> Sweep:
        """Queue a paused sweep again, or take back a pause.

        Raises `NotFoundError`, and `ConflictError` when it has ended.
        """

    @abstractmethod
    def extend_sweep(self, sweep_id: str, new: NewSweep) -> Sweep:
        """Queue a sweep again under a spec that plans more; what it has trained stays, its report goes.

        The caller has made sure that the trials of the earlier plan are among those of the new one, under the
        same numbers. Raises `NotFoundError`, and `ConflictError` while a runner holds it.
        """

    @abstractmethod
    def delete_sweep(self, sweep_id: str) -> None:
        """Forget a sweep and all it left. Raises `NotFoundError`, and `ConflictError` unless it has ended."""

    # The queue

    @abstractmethod
    def claim_sweep(self, runner_id: str, lease_seconds: float) -> Sweep | None:
        """The oldest sweep that is queued, or running under an expired lease; None when there is none.

        `runner_id` must name one life of one process: it is what tells a dead runner's writes from ours.
        """

    @abstractmethod
    def heartbeat(self, sweep_id: str, runner_id: str, lease_seconds: float) -> Flags:
        """Renew the lease and learn what users asked for. Raises `LeaseLostError`."""

    @abstractmethod
    def release_sweep(
        self, sweep_id: str, runner_id: str, status: SweepStatus, error: str | None = None
    ) -> Sweep:
        """Give the sweep up: ended, `queued` for another runner, or `paused`. Raises `LeaseLostError`.

        A cancel or a resume that arrived in the meantime wins over `queued` and `paused`.
        """

    # Trials

    @abstractmethod
    def plan_trials(self, sweep_id: str, runner_id: str, num_trials: int, max_trials: int | None) -> None:
        """Note that a sweep that is planned round by round has so many trials by now.

        Raises `LeaseLostError`. Nothing is written, or told, when that was known.
        """

    @abstractmethod
    def append_trials(
        self, sweep_id: str, runner_id: str, trials: Sequence[EndedTrial], pack: PackRow | None = None
    ) -> int:
        """Store results; returns how many were new. A trial already there is left as it was.

        Raises `LeaseLostError` (nothing is written) when `runner_id` does not hold the sweep.
        """

    @abstractmethod
    def ended_numbers(self, sweep_id: str) -> set[int]:
        """Numbers of the trials that have ended."""

    @abstractmethod
    def standing(self, sweep_id: str) -> Standing:
        """Every outcome at once, and the last event that it includes. Raises `NotFoundError`.

        Outcomes of later events may be among them: events read from there on tell nothing that is missing.
        """

    @abstractmethod
    def list_trials(
        self,
        sweep_id: str,
        *,
        outcome: OutcomeName | None = None,
        sort: TrialSort = "number",
        cursor: str | None = None,
        limit: int = 100,
        with_curves: bool = False,
    ) -> Page[TrialRow]:
        """Ended trials; those without an objective come last in either order. Raises `CursorError`."""

    @abstractmethod
    def get_trial(self, sweep_id: str, number: int) -> TrialRow:
        """One ended trial with its curves. Raises `NotFoundError`."""

    @abstractmethod
    def all_trials(self, sweep_id: str) -> list[TrialRow]:
        """Every ended trial by number, without curves."""

    @abstractmethod
    def packs(self, sweep_id: str) -> list[PackRow]:
        """How each pack was trained, by pack number."""

    # Events

    @abstractmethod
    def add_event(self, sweep_id: str, type: str, data: Mapping[str, Any]) -> Event:
        """Append an event. Raises `NotFoundError`."""

    @abstractmethod
    def events(self, sweep_id: str, after: int = 0, limit: int = 500, type: str | None = None) -> list[Event]:
        """Events numbered above `after`, in order, all or those of one type.

        A number once seen has no later arrivals below it.
        """

    # Runners

    @abstractmethod
    def register_runner(self, runner: Runner) -> None:
        """Make a runner known, or known anew."""

    @abstractmethod
    def runner_heartbeat(self, runner_id: str, sweep_id: str | None) -> None:
        """Note that a runner lives, and what it works on. Raises `NotFoundError` if it never registered."""

    @abstractmethod
    def live_runners(self, max_age_seconds: float) -> list[Runner]:
        """Runners heard of in the last `max_age_seconds`."""

    @abstractmethod
    def forget_runner(self, runner_id: str) -> None:
        """A runner that stops in good order is not alive a moment longer."""

    # Reports

    @abstractmethod
    def store_report(
        self,
        sweep_id: str,
        html: str,
        analysis: Mapping[str, Any],
        *,
        markdown: str = "",
        files: Mapping[str, bytes] | None = None,
    ) -> None:
        """Store, or replace, what a sweep found. Raises `NotFoundError`."""

    @abstractmethod
    def get_report(self, sweep_id: str) -> str | None:
        """The report's HTML; None until there is one."""

    @abstractmethod
    def get_analysis(self, sweep_id: str) -> dict[str, Any] | None:
        """The analysis as JSON; None until there is one."""

    @abstractmethod
    def get_stored_report(self, sweep_id: str) -> StoredReport | None:
        """Everything that `store_report` stored; None until there is one."""

    # Outbox: one mirror at a time holds it, and says what it is about to create before it does

    @abstractmethod
    def claim_mirror(self, mirror_id: str, lease_seconds: float) -> bool:
        """Take or renew the right to work on the outbox; False while another mirror's lease is alive."""

    @abstractmethod
    def release_mirror(self, mirror_id: str) -> None:
        """Give the outbox up."""

    @abstractmethod
    def pending_mirror(self, limit: int, without: Collection[str] = ()) -> Outbox:
        """At most `limit` trials, and as many sweeps, that are not in MLflow yet.

        Sweeps whose id is in `without` are left out, with their trials.
        """

    @abstractmethod
    def begin_mirror(self, mirror_id: str, sweep_id: str, numbers: Sequence[int] | None = None) -> None:
        """Say that runs for these trials, or for the sweep itself, may exist from now on.

        Raises `LeaseLostError`. A later mirror sees them as `attempted` and looks before it creates.
        """

    @abstractmethod
    def set_sweep_mlflow(self, sweep_id: str, experiment_id: str, run_id: str) -> None:
        """Note a sweep's parent run."""

    @abstractmethod
    def mark_trials_mirrored(self, mirror_id: str, sweep_id: str, run_ids: Mapping[int, str]) -> None:
        """Note that these trials are complete in MLflow. Raises `LeaseLostError`."""

    @abstractmethod
    def mark_sweep_mirrored(self, mirror_id: str, sweep_id: str, revision: int) -> None:
        """Note that the sweep's end is in MLflow as of `PendingSweep.revision`. Raises `LeaseLostError`.

        A sweep that went on or got a new report since then stays pending.
        """

    # The database itself

    @abstractmethod
    def ping(self) -> None:
        """Return when the database answers; raises `LedgerUnavailableError`."""

    @abstractmethod
    def close(self) -> None:
        """Let go of all connections; the ledger can be used again afterwards."""
