import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from sweeps.errors import LeaseLostError, LedgerUnavailableError
from sweeps.ledger import Ledger, open_ledger
from sweeps.ledger.base import Sweep
from sweeps.runner_lease import Lease
from tests.sweeps.small_sweep import queued, small_spec
from tests.waiting import until

LEASE_SECONDS = 0.3


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    ledger = open_ledger(f"sqlite:///{tmp_path / 'ledger.db'}")
    yield ledger
    ledger.close()


@pytest.fixture
def sweep(ledger: Ledger) -> Sweep:
    queued(ledger, small_spec())
    claimed = ledger.claim_sweep("me", LEASE_SECONDS)
    assert claimed is not None
    return claimed


def test_a_lease_outlives_its_seconds_while_it_is_renewed(ledger: Ledger, sweep: Sweep) -> None:
    first_end = sweep.lease_expires_at
    assert first_end is not None
    with Lease(ledger, sweep.id, "me", LEASE_SECONDS) as lease:
        assert until(lambda: time.time() > first_end + LEASE_SECONDS)
        assert ledger.claim_sweep("other", 60) is None
        assert not lease.lost


def test_a_lease_hears_what_users_ask_for(ledger: Ledger, sweep: Sweep) -> None:
    with Lease(ledger, sweep.id, "me", LEASE_SECONDS) as lease:
        ledger.request_pause(sweep.id)
        assert until(lambda: lease.pause)
        ledger.request_cancel(sweep.id)
        assert until(lambda: lease.cancel)


def test_a_lease_knows_when_it_is_lost_and_refuses_to_write(ledger: Ledger, sweep: Sweep) -> None:
    ledger.release_sweep(sweep.id, "me", "queued")
    ledger.claim_sweep("other", 60)
    with Lease(ledger, sweep.id, "me", LEASE_SECONDS) as lease:
        assert until(lambda: lease.lost)
        with pytest.raises(LeaseLostError, match=sweep.id):
            lease.insist(lambda: 1)


def test_a_released_lease_is_not_taken_for_a_lost_one(ledger: Ledger, sweep: Sweep) -> None:
    with Lease(ledger, sweep.id, "me", LEASE_SECONDS) as lease:
        lease.end()
        ledger.release_sweep(sweep.id, "me", "completed")
    assert not lease.lost


def test_a_write_is_tried_again_until_the_ledger_answers(ledger: Ledger, sweep: Sweep) -> None:
    answers: list[int | LedgerUnavailableError] = [
        LedgerUnavailableError("down"),
        LedgerUnavailableError("down"),
        3,
    ]

    def write() -> int:
        answer = answers.pop(0)
        if isinstance(answer, LedgerUnavailableError):
            raise answer
        return answer

    with Lease(ledger, sweep.id, "me", 60) as lease:
        assert lease.insist(write) == 3


def test_a_ledger_that_stays_away_ends_the_trying(ledger: Ledger, sweep: Sweep) -> None:
    def write() -> int:
        raise LedgerUnavailableError("down")

    lease = Lease(ledger, sweep.id, "me", 0.0)
    with pytest.raises(LedgerUnavailableError):
        lease.insist(write)
