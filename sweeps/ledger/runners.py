"""Runner processes that have been heard of."""

from sqlalchemy import Connection, delete, insert, select, update

from sweeps.errors import NotFoundError
from sweeps.ledger import tables
from sweeps.ledger.base import Runner
from sweeps.ledger.database import now_seconds

COLUMN = tables.runners.c


def register_runner(connection: Connection, runner: Runner) -> None:
    """Make a runner known; one of the same id is replaced. Its heartbeat is now."""
    forget_runner(connection, runner.id)
    values = vars(runner) | {"heartbeat_at": now_seconds(connection)}
    connection.execute(insert(tables.runners).values(values))


def runner_heartbeat(connection: Connection, runner_id: str, sweep_id: str | None) -> None:
    """Note that a runner lives; raises `NotFoundError`."""
    values = {"heartbeat_at": now_seconds(connection), "sweep_id": sweep_id}
    statement = update(tables.runners).where(COLUMN.id == runner_id).values(values)
    if connection.execute(statement).rowcount == 0:
        raise NotFoundError(f"no runner {runner_id!r}; register it first")


def live_runners(connection: Connection, max_age_seconds: float) -> list[Runner]:
    """Runners heard of lately, the longest running first."""
    since = now_seconds(connection) - max_age_seconds
    statement = select(tables.runners).where(COLUMN.heartbeat_at >= since)
    rows = connection.execute(statement.order_by(COLUMN.started_at, COLUMN.id)).mappings()
    return [Runner(**row) for row in rows]


def forget_runner(connection: Connection, runner_id: str) -> None:
    """Take a runner off the list."""
    connection.execute(delete(tables.runners).where(COLUMN.id == runner_id))
