"""A runner and a mirror that wait ask several times a second: what nothing has changed is not asked again."""

import sqlite3
from pathlib import Path

import pytest

from sweeps.ledger import Ledger, open_ledger
from sweeps.ledger.database import Database
from sweeps.ledger.sqlite_versions import SqliteVersions
from sweeps.ledger.stillness import Stillness
from tests.contracts.ledger_rows import ended_trial, new_sweep, running_sweep
from tests.contracts.statements import statements
from tests.waiting import until

PATIENCE_SECONDS = 20.0


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'ledger.db'}"


@pytest.fixture
def ledger(url: str) -> Ledger:
    return open_ledger(url)


def test_nothing_is_asked_of_a_ledger_that_nobody_has_changed(ledger: Ledger) -> None:
    assert ledger.claim_sweep("runner-a", 60) is None
    assert not ledger.pending_mirror(1).sweeps
    with statements() as seen:
        for _ in range(3):
            assert ledger.claim_sweep("runner-a", 60) is None
            assert not ledger.pending_mirror(1).trials
    assert seen == []


def test_a_sweep_that_another_process_submits_is_claimed_by_the_next_look(ledger: Ledger, url: str) -> None:
    assert ledger.claim_sweep("runner-a", 60) is None
    submitted = open_ledger(url).create_sweep(new_sweep())
    claimed = ledger.claim_sweep("runner-a", 60)
    assert claimed is not None
    assert claimed.id == submitted.id


def test_a_lease_that_runs_out_is_seen_although_nobody_writes(ledger: Ledger, url: str) -> None:
    sweep = running_sweep(open_ledger(url), "runner-b")
    ledger.heartbeat(sweep.id, "runner-b", 0.5)
    assert ledger.claim_sweep("runner-a", 60) is None
    claimed = until(lambda: ledger.claim_sweep("runner-a", 60), PATIENCE_SECONDS)
    assert claimed is not None
    assert claimed.id == sweep.id


def test_a_trial_that_ends_is_to_be_mirrored_at_the_next_look(ledger: Ledger, url: str) -> None:
    other = open_ledger(url)
    sweep = running_sweep(other, "runner-b")
    other.set_sweep_mlflow(sweep.id, "1", "run")
    assert not ledger.pending_mirror(8).trials
    other.append_trials(sweep.id, "runner-b", [ended_trial(0)])
    assert len(ledger.pending_mirror(8).trials) == 1


def test_a_sweep_that_rested_is_found_when_it_rests_no_more(ledger: Ledger) -> None:
    sweep = running_sweep(ledger)
    assert not ledger.pending_mirror(1, [sweep.id]).sweeps
    assert len(ledger.pending_mirror(1).sweeps) == 1


def test_a_commit_of_anybody_changes_the_version_and_a_rollback_does_not(tmp_path: Path) -> None:
    path = tmp_path / "some.db"
    writer = sqlite3.connect(path, isolation_level=None)
    writer.execute("CREATE TABLE words (word TEXT)")
    versions = SqliteVersions(str(path))
    before = versions.read()
    writer.execute("BEGIN")
    writer.execute("INSERT INTO words VALUES ('unsaid')")
    writer.execute("ROLLBACK")
    assert versions.read() == before
    writer.execute("INSERT INTO words VALUES ('said')")
    assert versions.read() != before
    writer.close()
    versions.close()


def test_a_file_that_cannot_be_read_has_no_version(tmp_path: Path) -> None:
    path = tmp_path / "broken.db"
    path.write_bytes(b"this is no database, and long enough for SQLite to notice" * 100)
    assert SqliteVersions(str(path)).read() is None


def test_postgresql_does_not_tell_so_every_look_is_worth_it() -> None:
    database = Database("postgresql://user@host/db")
    assert database.version() is None
    still = Stillness()
    still.found_nothing(None)
    assert not still.holds(None)
    database.close()


def test_stillness_ends_with_another_version_another_question_or_the_given_time() -> None:
    now = [100.0]
    still = Stillness(clock=lambda: now[0])
    assert not still.holds(7)
    still.found_nothing(7, "this", until=101.0)
    assert still.holds(7, "this")
    assert not still.holds(8, "this")
    assert not still.holds(7, "that")
    now[0] = 101.0
    assert not still.holds(7, "this")
