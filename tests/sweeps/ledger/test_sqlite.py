"""The ledger in an SQLite file."""

from pathlib import Path

import pytest

from tests.contracts.ledger import LedgerContract


class TestSqliteLedger(LedgerContract):
    @pytest.fixture
    def ledger_url(self, tmp_path: Path) -> str:
        return f"sqlite:///{tmp_path / 'state' / 'ledger.db'}"
