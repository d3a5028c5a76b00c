"""Connections and transactions on SQLite and PostgreSQL; the rest of the ledger is one text for both."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, DatabaseError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from sweeps.errors import LedgerUnavailableError, LedgerUrlError
from sweeps.ledger.sqlite_versions import SqliteVersions

BUSY_SECONDS = 30.0
"""How long a writer waits for another one. Transactions take milliseconds: past this, something is wrong."""
WAL_ATTEMPTS = 100
WAL_PAUSE_SECONDS = 0.05
SQLITE_CACHE_MIB = 2
"""SQLite's own default, plenty for rows that are appended in order."""


class Database:
    """One database and its pool of connections."""

    def __init__(self, url: str, *, sqlite_cache_mib: int = SQLITE_CACHE_MIB) -> None:
        """Raises `LedgerUrlError`. Nothing is opened yet, except that an SQLite file's folder is made.

        `sqlite_cache_mib` is memory for pages of an SQLite file, in each connection that fills it.
        """
        parsed = _parse(url)
        self.is_sqlite = parsed.get_backend_name() == "sqlite"
        self._engine = (
            _sqlite_engine(parsed, sqlite_cache_mib) if self.is_sqlite else _postgresql_engine(parsed)
        )
        self._writer = self._engine.execution_options(sqlite_begin="BEGIN IMMEDIATE")
        self._versions = SqliteVersions(parsed.database) if self.is_sqlite and parsed.database else None

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A transaction that changes nothing; raises `LedgerUnavailableError`."""
        with _translated(), self._engine.begin() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction that may change rows. On SQLite it has the write lock from its start.

        Taking the lock late would fail at once, without waiting, when another writer came between.
        Raises `LedgerUnavailableError`.
        """
        with _translated(), self._writer.begin() as connection:
            yield connection

    def version(self) -> int | None:
        """A number that is another one after every commit of anybody; None when it cannot be had cheaply."""
        return None if self._versions is None else self._versions.read()

    def close(self) -> None:
        """Close the pooled connections."""
        self._engine.dispose()
        if self._versions is not None:
            self._versions.close()


def now_seconds(connection: Connection) -> float:
    """The time by the clock that all users of the database share, so that a lease means one thing to all."""
    if connection.dialect.name == "sqlite":
        return time.time()
    return float(connection.execute(text("SELECT extract(epoch FROM clock_timestamp())")).scalar_one())


@contextmanager
def _translated() -> Iterator[None]:
    """Database failures as one error of ours; our own mistakes stay what they are."""
    try:
        yield
    except (OperationalError, InterfaceError) as error:
        raise LedgerUnavailableError(f"the ledger's database does not answer: {error.orig}") from error
    except DatabaseError as error:
        if type(error) is not DatabaseError:  # the plain one says that the file is broken, or no database
            raise
        raise LedgerUnavailableError(f"the ledger cannot be read: {error.orig}") from error
    except PoolTimeoutError as error:
        raise LedgerUnavailableError("all connections to the ledger's database are in use") from error


def _parse(url: str) -> URL:
    expected = "expected sqlite:///PATH or postgresql+psycopg://USER:PASSWORD@HOST/NAME"
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise LedgerUrlError(f"the ledger's URL cannot be read; {expected}") from error
    shown = parsed.render_as_string(hide_password=True)
    if parsed.drivername == "postgresql":
        return parsed.set(drivername="postgresql+psycopg")
    if parsed.drivername not in {"sqlite", "sqlite+pysqlite", "postgresql+psycopg"}:
        raise LedgerUrlError(f"no ledger can be kept in {shown}; {expected}")
    if parsed.get_backend_name() == "sqlite" and (not parsed.database or parsed.database == ":memory:"):
        raise LedgerUrlError(f"{shown} is in memory, and a ledger is shared by processes; {expected}")
    return parsed


def _postgresql_engine(url: URL) -> Engine:
    # A pre-ping costs one round trip a transaction and makes a restarted server a hiccup.
    return create_engine(url, pool_size=5, max_overflow=15, pool_pre_ping=True)


def _sqlite_engine(url: URL, cache_mib: int) -> Engine:
    assert url.database is not None
    Path(url.database).absolute().parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(url, connect_args={"timeout": BUSY_SECONDS}, pool_size=5, max_overflow=15)
    event.listen(engine, "connect", partial(_set_up_sqlite, cache_mib))
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _set_up_sqlite(cache_mib: int, connection: sqlite3.Connection, _record: Any) -> None:
    connection.isolation_level = None  # the driver leaves BEGIN to us, see `_begin_sqlite`
    _enter_wal(connection)
    # FULL syncs once a commit. We commit a few times a second, so an answered request survives a power cut
    # for well under a millisecond each; NORMAL would lose it.
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA foreign_keys=ON")
    connection.execute(f"PRAGMA cache_size={-1024 * cache_mib}")  # negative numbers are KiB


def _enter_wal(connection: sqlite3.Connection) -> None:
    """Readers and a writer side by side. The switch does not wait for others by itself, so we do."""
    for attempt in range(WAL_ATTEMPTS):
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if attempt == WAL_ATTEMPTS - 1 or "locked" not in str(error):
                raise
            time.sleep(WAL_PAUSE_SECONDS)
        else:
            return


def _begin_sqlite(connection: Connection) -> None:
    connection.exec_driver_sql(connection.get_execution_options().get("sqlite_begin", "BEGIN"))
