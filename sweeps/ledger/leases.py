"""The queue: who holds which sweep, and until when."""

from sqlalchemy import Connection, and_, func, or_, select, update

from sweeps.errors import LeaseLostError
from sweeps.ledger import tables
from sweeps.ledger.base import Flags, Sweep, SweepStatus
from sweeps.ledger.database import now_seconds
from sweeps.ledger.events import add_event
from sweeps.ledger.sweeps import change_status, get_sweep


def claim_sweep(connection: Connection, runner_id: str, lease_seconds: float) -> Sweep | None:
    """Take the oldest sweep that waits, or whose runner has stopped renewing its lease."""
    column = tables.sweeps.c
    now = now_seconds(connection)
    abandoned = and_(column.status == "running", column.lease_expires_at <= now)
    statement = (
        select(column.id)
        .where(or_(column.status == "queued", abandoned))
        .order_by(column.id)
        .limit(1)
        .with_for_update(skip_locked=True)  # PostgreSQL: two claimers take two rows; SQLite locks as a whole
    )
    sweep_id = connection.execute(statement).scalar_one_or_none()
    if sweep_id is None:
        return None
    sweep = get_sweep(connection, sweep_id)
    values = {
        "status": "running",
        "runner_id": runner_id,
        "lease_expires_at": now + lease_seconds,
        "started_at": now if sweep.started_at is None else sweep.started_at,
    }
    connection.execute(update(tables.sweeps).where(column.id == sweep_id).values(values))
    data = {"runner_id": runner_id, "num_ended": sweep.num_ended, "again": sweep.started_at is not None}
    add_event(connection, sweep_id, "sweep.started", data)
    return get_sweep(connection, sweep_id)


def first_expiry(connection: Connection) -> float | None:
    """When the first lease of a running sweep runs out; None when no sweep runs."""
    column = tables.sweeps.c
    statement = select(func.min(column.lease_expires_at)).where(column.status == "running")
    return connection.execute(statement).scalar_one_or_none()


def heartbeat(connection: Connection, sweep_id: str, runner_id: str, lease_seconds: float) -> Flags:
    """Renew the lease. One that ran out and that nobody took is still the runner's."""
    column = tables.sweeps.c
    statement = (
        update(tables.sweeps)
        .where(column.id == sweep_id, column.runner_id == runner_id, column.status == "running")
        .values(lease_expires_at=now_seconds(connection) + lease_seconds)
        .returning(column.cancel_requested, column.pause_requested)
    )
    row = connection.execute(statement).one_or_none()
    if row is None:
        raise lease_lost(sweep_id, runner_id)
    return Flags(cancel=bool(row[0]), pause=bool(row[1]))


def hold(connection: Connection, sweep_id: str, runner_id: str) -> Sweep:
    """The sweep, locked until the commit, if `runner_id` holds it: nobody can claim it before we are done.

    Raises `LeaseLostError`, for a deleted sweep too.
    """
    column = tables.sweeps.c
    statement = (
        select(column.id)
        .where(column.id == sweep_id, column.runner_id == runner_id, column.status == "running")
        .with_for_update()
    )
    if connection.execute(statement).one_or_none() is None:
        raise lease_lost(sweep_id, runner_id)
    return get_sweep(connection, sweep_id)


def release_sweep(
    connection: Connection, sweep_id: str, runner_id: str, status: SweepStatus, error: str | None
) -> Sweep:
    """Give the sweep up; what users asked for in the meantime wins over a mere pause."""
    if status == "running":
        raise ValueError("a sweep is released as queued, paused or ended, not as running")
    sweep = hold(connection, sweep_id, runner_id)
    if status in {"queued", "paused"}:
        status = "paused" if sweep.pause_requested else "queued"
        status = "cancelled" if sweep.cancel_requested else status
    return change_status(connection, sweep, status, error)


def lease_lost(sweep_id: str, runner_id: str) -> LeaseLostError:
    """The error for a runner that no longer holds a sweep."""
    return LeaseLostError(f"runner {runner_id} does not hold sweep {sweep_id}; nothing was written")
