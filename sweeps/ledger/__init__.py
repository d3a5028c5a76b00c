"""The ledger: sweeps, trials, curves and events in a database, which is also the queue and the outbox."""

from sweeps.ledger.database import Database
from sweeps.ledger.interface import Ledger
from sweeps.ledger.migrate import upgrade
from sweeps.ledger.sql_ledger import SqlLedger

__all__ = ["Ledger", "open_ledger"]


def open_ledger(url: str) -> Ledger:
    """The ledger at `sqlite:///PATH` or `postgresql+psycopg://…`, its tables made or brought up to date.

    Raises `LedgerUrlError`, and `LedgerUnavailableError` when the database does not answer.
    """
    database = Database(url)
    upgrade(database)
    return SqlLedger(database)
