"""Sweeps: queue, look, ask for a change, forget. Every function works inside the caller's transaction."""

from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    and_,
    delete,
    exists,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from sweeps.errors import ConflictError, NotFoundError
from sweeps.ledger import tables
from sweeps.ledger.base import ENDED, NewSweep, Page, Sweep, SweepStatus
from sweeps.ledger.cursors import decode_cursor, encode_cursor
from sweeps.ledger.database import now_seconds
from sweeps.ledger.events import add_event
from sweeps.ledger.strict_json import finite

SWEEP_COLUMNS = [tables.sweeps.c[name] for name in Sweep.__dataclass_fields__]


def create_sweep(connection: Connection, sweep_id: str, new: NewSweep) -> Sweep:
    """Queue `new` under `sweep_id`, or find the sweep that its idempotency key made earlier."""
    engine_insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    statement = (
        engine_insert(tables.sweeps)
        .values(**_first_values(new), id=sweep_id, created_at=now_seconds(connection))
        .on_conflict_do_nothing(index_elements=["idempotency_key"])
        .returning(tables.sweeps.c.id)
    )
    if connection.execute(statement).one_or_none() is None:
        return _earlier_sweep(connection, new)
    if new.tags:
        rows = [{"sweep_id": sweep_id, "key": key, "value": value} for key, value in new.tags.items()]
        connection.execute(insert(tables.sweep_tags), rows)
    add_event(connection, sweep_id, "sweep.queued", {"name": new.name, "num_trials": new.num_trials})
    return get_sweep(connection, sweep_id)


def get_sweep(connection: Connection, sweep_id: str, *, lock: bool = False) -> Sweep:
    """One sweep, with `lock` held against other writers until the commit; raises `NotFoundError`."""
    statement = select(*SWEEP_COLUMNS).where(tables.sweeps.c.id == sweep_id)
    row = connection.execute(statement.with_for_update() if lock else statement).mappings().one_or_none()
    if row is None:
        raise NotFoundError(f"no sweep {sweep_id!r}")
    return as_sweep(row)


def as_sweep(row: RowMapping) -> Sweep:
    """A row of `SWEEP_COLUMNS` as a sweep."""
    return Sweep(**{column.name: row[column] for column in SWEEP_COLUMNS})


def list_sweeps(
    connection: Connection,
    status: SweepStatus | None,
    name: str | None,
    tag: str | None,
    cursor: str | None,
    limit: int,
) -> Page[Sweep]:
    """A page of sweeps, the newest first."""
    column = tables.sweeps.c
    statement = select(*SWEEP_COLUMNS).order_by(column.id.desc()).limit(limit + 1)
    if status is not None:
        statement = statement.where(column.status == status)
    if name is not None:
        statement = statement.where(column.name == name)
    if tag is not None:
        statement = statement.where(_has_tag(tag))
    if cursor is not None:
        statement = statement.where(column.id < decode_cursor("sweeps", cursor, str)[0])
    found = [as_sweep(row) for row in connection.execute(statement).mappings()]
    more = len(found) > limit
    return Page(found[:limit], encode_cursor("sweeps", found[limit - 1].id) if more else None)


def request_cancel(connection: Connection, sweep_id: str) -> Sweep:
    """Note the wish, or end a sweep that no living runner holds."""
    sweep = get_sweep(connection, sweep_id, lock=True)
    if sweep.status == "cancelled" or sweep.cancel_requested:
        return sweep
    _refuse_ended(sweep, "cancelled")
    _set(connection, sweep_id, cancel_requested=True)
    add_event(connection, sweep_id, "sweep.cancel_requested", {})
    held = sweep.status == "running" and (sweep.lease_expires_at or 0) > now_seconds(connection)
    return get_sweep(connection, sweep_id) if held else change_status(connection, sweep, "cancelled")


def request_pause(connection: Connection, sweep_id: str) -> Sweep:
    """Note the wish, or pause a sweep that is only queued."""
    sweep = get_sweep(connection, sweep_id, lock=True)
    _refuse_ended(sweep, "paused")
    _set(connection, sweep_id, pause_requested=True)
    if sweep.status == "queued":
        return change_status(connection, sweep, "paused")
    return get_sweep(connection, sweep_id)


def request_resume(connection: Connection, sweep_id: str) -> Sweep:
    """Take the wish to pause back, and queue a sweep that has paused."""
    sweep = get_sweep(connection, sweep_id, lock=True)
    _refuse_ended(sweep, "resumed")
    _set(connection, sweep_id, pause_requested=False)
    if sweep.status == "paused":
        return change_status(connection, sweep, "queued")
    return get_sweep(connection, sweep_id)


def extend_sweep(connection: Connection, sweep_id: str, new: NewSweep) -> Sweep:
    """Queue the sweep for what `new` plans beyond what has ended."""
    sweep = get_sweep(connection, sweep_id, lock=True)
    if sweep.status == "running":
        raise ConflictError(f"sweep {sweep_id} is running; pause it, or wait for its end, to extend it")
    asked = {"cancel_requested": False, "pause_requested": False, "ended_at": None}
    _set(connection, sweep_id, spec=new.spec, num_trials=new.num_trials, **asked)
    connection.execute(delete(tables.reports).where(tables.reports.c.sweep_id == sweep_id))
    add_event(connection, sweep_id, "sweep.extended", {"num_trials": new.num_trials})
    return change_status(connection, get_sweep(connection, sweep_id), "queued")


def change_status(
    connection: Connection, sweep: Sweep, status: SweepStatus, error: str | None = None
) -> Sweep:
    """Take `sweep` (locked) from its runner into `status`, with the event that tells so."""
    values: dict[str, Any] = {"status": status, "runner_id": None, "lease_expires_at": None, "error": error}
    if status in ENDED:
        values |= {"ended_at": now_seconds(connection), "revision": tables.sweeps.c.revision + 1}
    _set(connection, sweep.id, **values)
    event = "ended" if status in ENDED else status
    data = {"status": status, "num_ended": sweep.num_ended, "outcomes": sweep.outcomes, "error": error}
    add_event(connection, sweep.id, f"sweep.{event}", data)
    return get_sweep(connection, sweep.id)


def delete_sweep(connection: Connection, sweep_id: str) -> None:
    """Delete an ended sweep; what refers to it goes with it."""
    sweep = get_sweep(connection, sweep_id, lock=True)
    if sweep.status not in ENDED:
        raise ConflictError(f"sweep {sweep_id} is {sweep.status}; cancel it before deleting it")
    connection.execute(delete(tables.sweeps).where(tables.sweeps.c.id == sweep_id))


def _first_values(new: NewSweep) -> dict[str, Any]:
    return {
        "name": new.name,
        "status": "queued",
        "spec": new.spec,
        "tags": new.tags,
        "num_trials": new.num_trials,
        "max_trials": new.max_trials,
        "idempotency_key": new.idempotency_key,
        "outcomes": {},
        "cancel_requested": False,
        "pause_requested": False,
        "mirror_attempted": False,
    } | dict.fromkeys(("num_ended", "num_events", "num_mirrored", "revision", "mirrored_revision"), 0)


def _earlier_sweep(connection: Connection, new: NewSweep) -> Sweep:
    column = tables.sweeps.c
    statement = select(*SWEEP_COLUMNS).where(column.idempotency_key == new.idempotency_key)
    earlier = as_sweep(connection.execute(statement).mappings().one())
    if earlier.spec != finite(new.spec):
        key = new.idempotency_key
        raise ConflictError(f"idempotency key {key!r} belongs to sweep {earlier.id}, which has another spec")
    return earlier


def _has_tag(tag: str) -> ColumnElement[bool]:
    """KEY, or KEY:VALUE split at any of its colons, since both may hold some."""
    column = tables.sweep_tags.c
    splits = [(tag[:place], tag[place + 1 :]) for place, letter in enumerate(tag) if letter == ":"]
    matches = [and_(column.key == key, column.value == value) for key, value in splits]
    return exists().where(column.sweep_id == tables.sweeps.c.id, or_(column.key == tag, *matches))


def _refuse_ended(sweep: Sweep, wish: str) -> None:
    if sweep.status in ENDED:
        raise ConflictError(f"sweep {sweep.id} is {sweep.status} and cannot be {wish}")


def _set(connection: Connection, sweep_id: str, **values: Any) -> None:
    connection.execute(update(tables.sweeps).where(tables.sweeps.c.id == sweep_id).values(values))
