"""Which databases a ledger accepts, and how it writes to SQLite."""

import sqlite3
import threading
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from sweeps.errors import LedgerUnavailableError, LedgerUrlError
from sweeps.ledger import open_ledger
from sweeps.ledger.database import Database
from tests.contracts.ledger_rows import new_sweep


@pytest.mark.parametrize(
    "url",
    ["", "ledger.db", "mysql://u@h/db", "sqlite://", "sqlite:///:memory:", "postgresql+psycopg2://u@h/db"],
)
def test_a_url_that_names_no_shared_database_is_refused(url: str) -> None:
    with pytest.raises(LedgerUrlError, match="sqlite:///PATH"):
        open_ledger(url)


def test_a_refused_url_does_not_show_its_password() -> None:
    with pytest.raises(LedgerUrlError) as caught:
        open_ledger("mysql://user:secret@host/db")
    assert "secret" not in str(caught.value)


def test_plain_postgresql_means_the_driver_we_install() -> None:
    database = Database("postgresql://user@host/db")
    assert not database.is_sqlite
    database.close()


def test_a_file_that_is_no_database_is_an_error_of_ours(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    path.write_bytes(b"this is no database, and long enough for SQLite to notice" * 100)
    with pytest.raises(LedgerUnavailableError):
        open_ledger(f"sqlite:///{path}")


def test_sqlite_writes_ahead_syncs_every_commit_and_checks_references(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'ledger.db'}")
    with database.read() as connection:
        settings = {
            name: connection.execute(text(f"PRAGMA {name}")).scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    assert settings == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 30_000}


def test_readers_go_on_while_a_writer_is_at_work(tmp_path: Path) -> None:
    ledger = open_ledger(f"sqlite:///{tmp_path / 'ledger.db'}")
    ledger.create_sweep(new_sweep())
    writer = sqlite3.connect(tmp_path / "ledger.db", isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")
    assert len(ledger.list_sweeps().items) == 1
    writer.execute("ROLLBACK")
    writer.close()


def test_a_writer_waits_for_another_one(tmp_path: Path) -> None:
    ledger = open_ledger(f"sqlite:///{tmp_path / 'ledger.db'}")
    other = sqlite3.connect(tmp_path / "ledger.db", isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    release = threading.Timer(0.2, other.execute, ("COMMIT",))
    release.start()
    assert ledger.create_sweep(new_sweep()).status == "queued"
    release.join()
    other.close()


def test_a_failed_write_is_rolled_back(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'ledger.db'}")

    def write(statements: list[str]) -> None:
        with database.write() as connection:
            for statement in statements:
                connection.execute(text(statement))

    write(["CREATE TABLE words (word TEXT UNIQUE)"])
    with pytest.raises(IntegrityError):
        write(["INSERT INTO words VALUES ('twice')", "INSERT INTO words VALUES ('twice')"])
    with database.read() as connection:
        assert connection.execute(text("SELECT count(*) FROM words")).scalar_one() == 0
