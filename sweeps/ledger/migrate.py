"""Brings a database's tables to the revision that this code needs."""

from typing import Any

from sqlalchemy import Connection, inspect, text

from sweeps.errors import LedgerUnavailableError
from sweeps.ledger.database import Database
from sweeps.ledger.migrations import HEAD

ADVISORY_LOCK = 7_130_317_001
"""PostgreSQL's lock number for our migrations; any number that other users of the database do not take."""


def upgrade(database: Database) -> None:
    """Upgrade to head; of several processes that start at once, one does it and the others wait.

    Raises `LedgerUnavailableError` when the tables are of a revision that this code does not know.
    """
    with database.read() as connection:
        if current_revision(connection) == HEAD:
            return
    with database.write() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": ADVISORY_LOCK})
        if current_revision(connection) != HEAD:
            _run_alembic(connection)


def current_revision(connection: Connection) -> str | None:
    """The revision of the tables; None in an empty database."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()


def alembic_config(connection: Connection | None = None) -> Any:
    """Alembic's configuration for our migrations, on `connection` if they are to run."""
    from alembic.config import Config  # a quarter of a second, and only needed when tables change

    config = Config()
    config.set_main_option("script_location", "sweeps.ledger:migrations")
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def _run_alembic(connection: Connection) -> None:
    from alembic import command
    from alembic.util.exc import CommandError

    try:
        command.upgrade(alembic_config(connection), "head")
    except CommandError as error:
        found = current_revision(connection)
        raise LedgerUnavailableError(
            f"the ledger's tables are of revision {found} and this gradsweep knows up to {HEAD}: upgrade it"
        ) from error
