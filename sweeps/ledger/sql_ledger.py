"""The ledger on a relational database: one method, one transaction."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import text
from typing_extensions import override

from sweeps.ledger import events, leases, outbox, reports, runners, sweeps, trial_pages
from sweeps.ledger import trials as results
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
from sweeps.ledger.database import Database
from sweeps.ledger.ids import SweepIds
from sweeps.ledger.interface import Ledger, TrialSort
from sweeps.ledger.stillness import Stillness
from trainers.record import OutcomeName


class SqlLedger(Ledger):
    """The ledger on SQLite or PostgreSQL, whose tables exist already (see `open_ledger`)."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._ids = SweepIds()
        self._nothing_to_claim = Stillness()
        self._nothing_pending = Stillness()

    @override
    def create_sweep(self, new: NewSweep) -> Sweep:
        with self._database.write() as connection:
            return sweeps.create_sweep(connection, self._ids.next(), new)

    @override
    def get_sweep(self, sweep_id: str) -> Sweep:
        with self._database.read() as connection:
            return sweeps.get_sweep(connection, sweep_id)

    @override
    def list_sweeps(
        self,
        *,
        status: SweepStatus | None = None,
        name: str | None = None,
        tag: str | None = None,
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page[Sweep]:
        with self._database.read() as connection:
            return sweeps.list_sweeps(connection, status, name, tag, cursor, limit)

    @override
    def request_cancel(self, sweep_id: str) -> Sweep:
        with self._database.write() as connection:
            return sweeps.request_cancel(connection, sweep_id)

    @override
    def request_pause(self, sweep_id: str) -> Sweep:
        with self._database.write() as connection:
            return sweeps.request_pause(connection, sweep_id)

    @override
    def request_resume(self, sweep_id: str) -> Sweep:
        with self._database.write() as connection:
            return sweeps.request_resume(connection, sweep_id)

    @override
    def extend_sweep(self, sweep_id: str, new: NewSweep) -> Sweep:
        with self._database.write() as connection:
            return sweeps.extend_sweep(connection, sweep_id, new)

    @override
    def delete_sweep(self, sweep_id: str) -> None:
        with self._database.write() as connection:
            sweeps.delete_sweep(connection, sweep_id)

    @override
    def claim_sweep(self, runner_id: str, lease_seconds: float) -> Sweep | None:
        version = self._database.version()
        if self._nothing_to_claim.holds(version):
            return None
        with self._database.write() as connection:
            sweep = leases.claim_sweep(connection, runner_id, lease_seconds)
            first_expiry = leases.first_expiry(connection) if sweep is None else None
        if sweep is None:
            self._nothing_to_claim.found_nothing(version, until=first_expiry)
        return sweep

    @override
    def heartbeat(self, sweep_id: str, runner_id: str, lease_seconds: float) -> Flags:
        with self._database.write() as connection:
            return leases.heartbeat(connection, sweep_id, runner_id, lease_seconds)

    @override
    def release_sweep(
        self, sweep_id: str, runner_id: str, status: SweepStatus, error: str | None = None
    ) -> Sweep:
        with self._database.write() as connection:
            return leases.release_sweep(connection, sweep_id, runner_id, status, error)

    @override
    def plan_trials(self, sweep_id: str, runner_id: str, num_trials: int, max_trials: int | None) -> None:
        with self._database.write() as connection:
            results.plan_trials(connection, sweep_id, runner_id, num_trials, max_trials)

    @override
    def append_trials(
        self, sweep_id: str, runner_id: str, trials: Sequence[EndedTrial], pack: PackRow | None = None
    ) -> int:
        packed = results.pack_curves(trials)  # before the lock is taken: this is most of the work
        with self._database.write() as connection:
            return results.append_trials(connection, sweep_id, runner_id, packed, pack)

    @override
    def ended_numbers(self, sweep_id: str) -> set[int]:
        with self._database.read() as connection:
            return results.ended_numbers(connection, sweep_id)

    @override
    def standing(self, sweep_id: str) -> Standing:
        with self._database.read() as connection:
            return results.standing(connection, sweep_id)

    @override
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
        with self._database.read() as connection:
            return trial_pages.list_trials(connection, sweep_id, outcome, sort, cursor, limit, with_curves)

    @override
    def get_trial(self, sweep_id: str, number: int) -> TrialRow:
        with self._database.read() as connection:
            return results.get_trial(connection, sweep_id, number)

    @override
    def all_trials(self, sweep_id: str) -> list[TrialRow]:
        with self._database.read() as connection:
            return results.all_trials(connection, sweep_id)

    @override
    def packs(self, sweep_id: str) -> list[PackRow]:
        with self._database.read() as connection:
            return results.read_packs(connection, sweep_id)

    @override
    def add_event(self, sweep_id: str, type: str, data: Mapping[str, Any]) -> Event:
        with self._database.write() as connection:
            return events.add_event(connection, sweep_id, type, data)

    @override
    def events(self, sweep_id: str, after: int = 0, limit: int = 500, type: str | None = None) -> list[Event]:
        with self._database.read() as connection:
            return events.read_events(connection, sweep_id, after, limit, type)

    @override
    def register_runner(self, runner: Runner) -> None:
        with self._database.write() as connection:
            runners.register_runner(connection, runner)

    @override
    def runner_heartbeat(self, runner_id: str, sweep_id: str | None) -> None:
        with self._database.write() as connection:
            runners.runner_heartbeat(connection, runner_id, sweep_id)

    @override
    def live_runners(self, max_age_seconds: float) -> list[Runner]:
        with self._database.read() as connection:
            return runners.live_runners(connection, max_age_seconds)

    @override
    def forget_runner(self, runner_id: str) -> None:
        with self._database.write() as connection:
            runners.forget_runner(connection, runner_id)

    @override
    def store_report(
        self,
        sweep_id: str,
        html: str,
        analysis: Mapping[str, Any],
        *,
        markdown: str = "",
        files: Mapping[str, bytes] | None = None,
    ) -> None:
        report = StoredReport(html, dict(analysis), markdown, dict(files or {}))
        with self._database.write() as connection:
            reports.store_report(connection, sweep_id, report)

    @override
    def get_report(self, sweep_id: str) -> str | None:
        with self._database.read() as connection:
            return reports.get_report(connection, sweep_id)

    @override
    def get_analysis(self, sweep_id: str) -> dict[str, Any] | None:
        with self._database.read() as connection:
            return reports.get_analysis(connection, sweep_id)

    @override
    def get_stored_report(self, sweep_id: str) -> StoredReport | None:
        with self._database.read() as connection:
            return reports.get_stored_report(connection, sweep_id)

    @override
    def claim_mirror(self, mirror_id: str, lease_seconds: float) -> bool:
        with self._database.write() as connection:
            return outbox.claim(connection, mirror_id, lease_seconds)

    @override
    def release_mirror(self, mirror_id: str) -> None:
        with self._database.write() as connection:
            outbox.release(connection, mirror_id)

    @override
    def pending_mirror(self, limit: int, without: Collection[str] = ()) -> Outbox:
        version, left_out = self._database.version(), frozenset(without)
        if self._nothing_pending.holds(version, left_out):
            return Outbox([], [])
        with self._database.read() as connection:
            found = outbox.pending(connection, limit, without)
        if not found.sweeps and not found.trials:
            self._nothing_pending.found_nothing(version, left_out)
        return found

    @override
    def begin_mirror(self, mirror_id: str, sweep_id: str, numbers: Sequence[int] | None = None) -> None:
        with self._database.write() as connection:
            outbox.begin(connection, mirror_id, sweep_id, numbers)

    @override
    def set_sweep_mlflow(self, sweep_id: str, experiment_id: str, run_id: str) -> None:
        with self._database.write() as connection:
            outbox.set_sweep_run(connection, sweep_id, experiment_id, run_id)

    @override
    def mark_trials_mirrored(self, mirror_id: str, sweep_id: str, run_ids: Mapping[int, str]) -> None:
        with self._database.write() as connection:
            outbox.mark_trials(connection, mirror_id, sweep_id, run_ids)

    @override
    def mark_sweep_mirrored(self, mirror_id: str, sweep_id: str, revision: int) -> None:
        with self._database.write() as connection:
            outbox.mark_sweep(connection, mirror_id, sweep_id, revision)

    @override
    def ping(self) -> None:
        with self._database.read() as connection:
            connection.execute(text("SELECT 1"))

    @override
    def close(self) -> None:
        self._database.close()
