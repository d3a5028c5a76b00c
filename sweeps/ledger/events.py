"""Events of a sweep, numbered in the order in which they are committed."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, insert, select, update

from sweeps.errors import NotFoundError
from sweeps.ledger import tables
from sweeps.ledger.base import Event
from sweeps.ledger.database import now_seconds
from sweeps.ledger.strict_json import finite


def add_event(connection: Connection, sweep_id: str, type: str, data: Mapping[str, Any]) -> Event:
    """Append an event; raises `NotFoundError`.

    The number comes from the sweep's row, which stays locked until the commit: a reader never sees number
    n + 1 before n.
    """
    sweep = tables.sweeps
    statement = (
        update(sweep)
        .where(sweep.c.id == sweep_id)
        .values(num_events=sweep.c.num_events + 1)
        .returning(sweep.c.num_events)
    )
    number = connection.execute(statement).scalar_one_or_none()
    if number is None:
        raise NotFoundError(f"no sweep {sweep_id!r}")
    event = Event(number, sweep_id, now_seconds(connection), type, finite(data))
    connection.execute(insert(tables.events).values(vars(event)))
    return event


def read_events(
    connection: Connection, sweep_id: str, after: int, limit: int, type: str | None
) -> list[Event]:
    """Events numbered above `after`, in order, all or those of one type."""
    event = tables.events.c
    statement = (
        select(tables.events)
        .where(event.sweep_id == sweep_id, event.id > after)
        .order_by(event.id)
        .limit(limit)
    )
    if type is not None:
        statement = statement.where(event.type == type)
    return [Event(**row) for row in connection.execute(statement).mappings()]
