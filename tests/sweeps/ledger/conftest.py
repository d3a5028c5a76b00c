"""A PostgreSQL server for the tests of the ledger."""

from collections.abc import Iterator

import pytest

from tests.contracts.ledger_postgresql import PostgresqlServer, postgresql_server


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgresqlServer]:
    with postgresql_server() as server:
        yield server
