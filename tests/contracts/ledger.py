"""What every ledger must do, whatever database it lies in. A test class inherits the parts it is held to."""

from collections.abc import Iterator

import pytest

from sweeps.ledger import Ledger, open_ledger
from tests.contracts.ledger_events import EventsContract
from tests.contracts.ledger_outbox import OutboxContract
from tests.contracts.ledger_processes import ProcessesContract
from tests.contracts.ledger_queue import QueueContract
from tests.contracts.ledger_sweeps import SweepsContract
from tests.contracts.ledger_trials import TrialsContract


class LedgerContract(
    SweepsContract, QueueContract, TrialsContract, EventsContract, OutboxContract, ProcessesContract
):
    """The whole contract; a subclass gives the fixture `ledger_url`, an empty database for each test."""

    @pytest.fixture
    def ledger(self, ledger_url: str) -> Iterator[Ledger]:
        ledger = open_ledger(ledger_url)
        yield ledger
        ledger.close()
