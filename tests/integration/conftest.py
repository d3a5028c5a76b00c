"""A ledger as users have it, a file that has a URL for other processes; and an MLflow server."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from sweeps.ledger import Ledger, open_ledger
from tests.contracts.mlflow_server import RunningServer, mlflow_server
from tests.contracts.tracking_reader import ClientReader


@pytest.fixture
def ledger_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'ledger.db'}"


@pytest.fixture
def ledger(ledger_url: str) -> Iterator[Ledger]:
    ledger = open_ledger(ledger_url)
    yield ledger
    ledger.close()


@pytest.fixture(scope="module")
def shared_ledger_url(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Of a ledger that the tests of a file share."""
    return f"sqlite:///{tmp_path_factory.mktemp('state') / 'ledger.db'}"


@pytest.fixture(scope="module")
def shared_ledger(shared_ledger_url: str) -> Iterator[Ledger]:
    ledger = open_ledger(shared_ledger_url)
    yield ledger
    ledger.close()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """One for all tests: each names experiments and models of its own."""
    with mlflow_server(tmp_path_factory.mktemp("mlflow")) as server:
        yield server


@pytest.fixture
def server_url(server: RunningServer) -> str:
    return server.url


@pytest.fixture
def reader(server_url: str, tmp_path: Path) -> ClientReader:
    return ClientReader(server_url, tmp_path)
