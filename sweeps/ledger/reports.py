"""What a sweep found: analysis, report, pictures."""

from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from sweeps.errors import NotFoundError
from sweeps.ledger import tables
from sweeps.ledger.base import StoredReport
from sweeps.ledger.events import add_event

COLUMN = tables.reports.c


def store_report(connection: Connection, sweep_id: str, report: StoredReport) -> None:
    """Store or replace a report, and have MLflow get it; raises `NotFoundError`."""
    sweep = tables.sweeps.c
    # Another state of the sweep's end for the mirror; also locks the row, so that two writers take turns.
    touch = update(tables.sweeps).where(sweep.id == sweep_id).values(revision=sweep.revision + 1)
    if connection.execute(touch).rowcount == 0:
        raise NotFoundError(f"no sweep {sweep_id!r}")
    connection.execute(delete(tables.reports).where(COLUMN.sweep_id == sweep_id))
    values = {name: value for name, value in vars(report).items() if name != "files"}
    connection.execute(insert(tables.reports).values(values | {"sweep_id": sweep_id}))
    files = [{"sweep_id": sweep_id, "name": name, "data": data} for name, data in report.files.items()]
    if files:
        connection.execute(insert(tables.report_files), files)
    add_event(connection, sweep_id, "report.ready", {"files": sorted(report.files)})


def get_report(connection: Connection, sweep_id: str) -> str | None:
    """The HTML alone."""
    statement = select(COLUMN.html).where(COLUMN.sweep_id == sweep_id)
    return connection.execute(statement).scalar_one_or_none()


def get_analysis(connection: Connection, sweep_id: str) -> dict[str, Any] | None:
    """The analysis alone."""
    statement = select(COLUMN.analysis).where(COLUMN.sweep_id == sweep_id)
    return connection.execute(statement).scalar_one_or_none()


def get_stored_report(connection: Connection, sweep_id: str) -> StoredReport | None:
    """The report with its files."""
    statement = select(tables.reports).where(COLUMN.sweep_id == sweep_id)
    row = connection.execute(statement).mappings().one_or_none()
    if row is None:
        return None
    return StoredReport(row["html"], row["analysis"], row["markdown"], _files(connection, sweep_id))


def _files(connection: Connection, sweep_id: str) -> dict[str, bytes]:
    column = tables.report_files.c
    statement = select(column.name, column.data).where(column.sweep_id == sweep_id).order_by(column.name)
    return {name: bytes(data) for name, data in connection.execute(statement)}
