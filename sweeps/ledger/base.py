"""What the ledger promises: the truth about sweeps, trials, curves and events, and the queue of sweeps.

Every implementation passes `tests/contracts/ledger.py`. Times are Unix seconds (UTC).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, Literal, TypeVar

from trainers.record import OutcomeName, PackRecord, TrialRecord

SweepStatus = Literal["queued", "running", "paused", "completed", "cancelled", "failed"]
T = TypeVar("T")
ENDED: frozenset[SweepStatus] = frozenset({"completed", "cancelled", "failed"})


@dataclass(frozen=True)
class NewSweep:
    """A validated sweep about to be queued; `spec` is the canonical JSON form of the spec.

    `num_trials` counts what is planned so far; `max_trials` is the most that there can be, None where all is
    planned.
    """

    name: str
    spec: Mapping[str, Any]
    num_trials: int
    tags: Mapping[str, str] = field(default_factory=dict)
    idempotency_key: str | None = None
    max_trials: int | None = None


@dataclass(frozen=True)
class Sweep:
    """One sweep as the ledger knows it. `max_trials` is None once, or where, `num_trials` is all there is.

    `revision` numbers the states of its end and report; MLflow has that of `mirrored_revision`.
    """

    id: str
    name: str
    status: SweepStatus
    spec: dict[str, Any]
    tags: dict[str, str]
    num_trials: int
    max_trials: int | None
    num_ended: int
    outcomes: dict[OutcomeName, int]
    created_at: float
    started_at: float | None
    ended_at: float | None
    cancel_requested: bool
    pause_requested: bool
    runner_id: str | None
    lease_expires_at: float | None
    error: str | None
    mlflow_run_id: str | None
    mlflow_experiment_id: str | None
    num_mirrored: int
    revision: int
    mirrored_revision: int

    @property
    def is_mirrored(self) -> bool:
        """Whether MLflow has all that there is of an ended sweep by now: trials, end and report."""
        all_trials = self.num_mirrored >= self.num_ended
        return self.ended_at is not None and all_trials and self.mirrored_revision >= self.revision


@dataclass(frozen=True)
class TrialRow:
    """One ended trial as the ledger knows it. `config` is the full trial config as JSON, seed included.

    `axes` holds the values that the sweep varied, by dotted path; `objective` is the spec's objective, None
    when not finite.
    """

    sweep_id: str
    number: int
    config_number: int
    repeat: int
    config: dict[str, Any]
    axes: dict[str, Any]
    record: TrialRecord
    objective: float | None
    pack: int
    ended_at: float
    mlflow_run_id: str | None


@dataclass(frozen=True)
class Standing:
    """How far a sweep has come: outcomes of ended trials by number, none missing that `event_id` includes."""

    event_id: int
    outcomes: dict[int, OutcomeName]


@dataclass(frozen=True)
class EndedTrial:
    """A trial's result on its way into the ledger."""

    number: int
    config_number: int
    repeat: int
    config: Mapping[str, Any]
    axes: Mapping[str, Any]
    record: TrialRecord
    objective: float | None
    pack: int


@dataclass(frozen=True)
class PackRow:
    """How one pack was trained."""

    sweep_id: str
    pack: int
    record: PackRecord


@dataclass(frozen=True)
class Event:
    """One event of a sweep; `id` grows by commit order within the sweep and is what Last-Event-ID names."""

    id: int
    sweep_id: str
    at: float
    type: str
    data: dict[str, Any]


@dataclass(frozen=True)
class Flags:
    """What users asked of a running sweep."""

    cancel: bool
    pause: bool


@dataclass(frozen=True)
class Page(Generic[T]):
    """One page of a listing; `next_cursor` is None on the last."""

    items: Sequence[T]
    next_cursor: str | None


@dataclass(frozen=True)
class Runner:
    """A runner process that has been heard of."""

    id: str
    host: str
    pid: int
    started_at: float
    heartbeat_at: float
    sweep_id: str | None


@dataclass(frozen=True)
class StoredReport:
    """What a sweep found. `files` are pictures and tables by file name, such as `map.png`."""

    html: str
    analysis: dict[str, Any]
    markdown: str
    files: dict[str, bytes]


@dataclass(frozen=True)
class PendingSweep:
    """A sweep whose parent run in MLflow is missing, or lacks the sweep's end.

    `attempted` says that a mirror may have created the run and died before it could say so;
    `revision` numbers the states of the sweep's end and report.
    """

    sweep: Sweep
    attempted: bool
    revision: int


@dataclass(frozen=True)
class PendingTrial:
    """A trial, curves included, that is not in MLflow; `attempted` as for `PendingSweep`."""

    trial: TrialRow
    attempted: bool


@dataclass(frozen=True)
class Outbox:
    """Some of what is not in MLflow yet, the oldest first."""

    sweeps: Sequence[PendingSweep]
    trials: Sequence[PendingTrial]
