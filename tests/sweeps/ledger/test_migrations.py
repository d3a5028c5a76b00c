"""The tables that migrations make are the tables that the code reads and writes."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text

from sweeps.errors import LedgerUnavailableError
from sweeps.ledger import open_ledger
from sweeps.ledger.database import Database
from sweeps.ledger.migrate import alembic_config, current_revision, upgrade
from sweeps.ledger.migrations import HEAD
from sweeps.ledger.tables import metadata
from tests.contracts.ledger_postgresql import PostgresqlServer
from tests.contracts.ledger_rows import new_sweep


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.integration)])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    if request.param == "sqlite":
        made = Database(f"sqlite:///{tmp_path / 'ledger.db'}")
    else:
        server: PostgresqlServer = request.getfixturevalue("postgresql")
        made = Database(server.new_database())
    yield made
    made.close()


def test_migrations_make_the_tables_of_the_code(database: Database) -> None:
    upgrade(database)
    with database.read() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_the_code_needs_the_last_revision() -> None:
    assert ScriptDirectory.from_config(alembic_config()).get_heads() == [HEAD]


def test_migrations_can_be_taken_back(database: Database) -> None:
    upgrade(database)
    with database.write() as connection:
        command.downgrade(alembic_config(connection), "base")
        assert set(inspect(connection).get_table_names()) == {"alembic_version"}
    upgrade(database)
    with database.read() as connection:
        assert current_revision(connection) == HEAD


def test_a_ledger_of_a_later_version_is_left_alone(database: Database) -> None:
    upgrade(database)
    with database.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'later'"))
    with pytest.raises(LedgerUnavailableError, match="later"):
        upgrade(database)
    with database.read() as connection:
        assert current_revision(connection) == "later"


def test_opening_a_ledger_again_keeps_what_is_in_it(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'ledger.db'}"
    sweep = open_ledger(url).create_sweep(new_sweep())
    assert open_ledger(url).get_sweep(sweep.id) == sweep


def test_a_migration_that_fails_leaves_nothing_behind(database: Database) -> None:
    with database.write() as connection:
        connection.execute(text("CREATE TABLE runners (id TEXT)"))  # in the way of the last step
    with pytest.raises(Exception, match="runners"):
        upgrade(database)
    with database.read() as connection:
        assert _tables(connection) == {"runners"}


def _tables(connection: Connection) -> set[str]:
    return set(inspect(connection).get_table_names())
