"""The ledger in a real PostgreSQL."""

import pytest

from sweeps.errors import LedgerUnavailableError
from sweeps.ledger import open_ledger
from tests.contracts.ledger import LedgerContract
from tests.contracts.ledger_postgresql import PostgresqlServer

pytestmark = pytest.mark.integration


class TestPostgresqlLedger(LedgerContract):
    @pytest.fixture
    def ledger_url(self, postgresql: PostgresqlServer) -> str:
        return postgresql.new_database()

    def test_connections_that_the_server_dropped_are_made_again(
        self, ledger_url: str, postgresql: PostgresqlServer
    ) -> None:
        ledger = open_ledger(ledger_url)
        ledger.ping()
        with postgresql.connect() as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE usename = current_user AND pid <> pg_backend_pid()"
            )
        ledger.ping()
        ledger.close()


def test_a_server_that_is_not_there_is_an_error_of_ours(postgresql: PostgresqlServer) -> None:
    with pytest.raises(LedgerUnavailableError, match="does not answer"):
        open_ledger(postgresql.new_database().replace("host=", "host=/nowhere"))
