"""A sweep that is ours for now: the lease is renewed, and what users ask of the sweep is heard."""

import logging
import threading
import time
from collections.abc import Callable
from typing import Self, TypeVar

from sweeps.errors import LeaseLostError, LedgerUnavailableError
from sweeps.ledger import Ledger

LONGEST_BEAT_SECONDS = 1.0
"""A cancel is heard within this time."""

RETRY_SECONDS = 0.5
T = TypeVar("T")

logger = logging.getLogger(__name__)


class Lease:
    """Renews a lease on a thread of its own while it is a context.

    `cancel` and `pause` say what users asked for. `lost` says that the sweep may be another runner's by
    now: nothing more is to be written.
    """

    def __init__(self, ledger: Ledger, sweep_id: str, runner_id: str, lease_seconds: float) -> None:
        self.cancel = False
        self.pause = False
        self.lost = False
        self.sweep_id = sweep_id
        self.runner_id = runner_id
        self.seconds = lease_seconds
        self._ledger = ledger
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._renew, name=f"lease-{sweep_id}", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self.end()

    def end(self) -> None:
        """Renew no more: the sweep was released."""
        self._ended.set()
        self._thread.join()

    def insist(self, write: Callable[[], T]) -> T:
        """Do a write that only the holder may do; a ledger that does not answer is asked again.

        Raises `LeaseLostError`, and `LedgerUnavailableError` after a lease's length of trying.
        """
        give_up_at = time.monotonic() + self.seconds
        while not self.lost:
            try:
                return write()
            except LedgerUnavailableError as error:
                if time.monotonic() > give_up_at:
                    raise
                logger.warning("%s; trying again", error)
                time.sleep(RETRY_SECONDS)
        raise LeaseLostError(f"the lease on sweep {self.sweep_id} is lost; nothing was written")

    def _renew(self) -> None:
        beat_seconds = min(LONGEST_BEAT_SECONDS, self.seconds / 3)
        renewed_at = time.monotonic()
        while not self._ended.wait(beat_seconds):
            try:
                flags = self._ledger.heartbeat(self.sweep_id, self.runner_id, self.seconds)
            except LeaseLostError:
                self.lost = not self._ended.is_set()
                return
            except LedgerUnavailableError as error:
                logger.warning("the lease on sweep %s cannot be renewed: %s", self.sweep_id, error)
                if time.monotonic() - renewed_at > self.seconds:
                    self.lost = True
                    return
            else:
                renewed_at = time.monotonic()
                self.cancel, self.pause = flags.cancel, flags.pause
