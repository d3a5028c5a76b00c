"""A runner's sign of life in the ledger."""

import logging
import os
import secrets
import socket
import threading
import time
from typing import Self

from sweeps.errors import LedgerUnavailableError, NotFoundError
from sweeps.ledger import Ledger
from sweeps.ledger.base import Runner

BEAT_SECONDS = 5.0

logger = logging.getLogger(__name__)


class Pulse:
    """Keeps a runner known as alive while it is a context; `sweep_id` says what it works on."""

    def __init__(self, ledger: Ledger, name: str) -> None:
        self.runner_id = f"{name}-{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(4)}"
        self._sweep_id: str | None = None
        self._ledger = ledger
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="pulse", daemon=True)

    def __enter__(self) -> Self:
        self._register()
        self._thread.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._ended.set()
        self._thread.join()
        try:
            self._ledger.forget_runner(self.runner_id)
        except LedgerUnavailableError as error:
            logger.warning("the ledger will take this runner for alive a while longer: %s", error)

    def works_on(self, sweep_id: str | None) -> None:
        """Say which sweep the runner works on, if any."""
        self._sweep_id = sweep_id
        self._tell()

    def _register(self) -> None:
        now = time.time()
        self._ledger.register_runner(
            Runner(self.runner_id, socket.gethostname(), os.getpid(), now, now, self._sweep_id)
        )

    def _tell(self) -> None:
        try:
            self._ledger.runner_heartbeat(self.runner_id, self._sweep_id)
        except NotFoundError:
            self._register()
        except LedgerUnavailableError as error:
            logger.warning("no sign of life: %s", error)

    def _beat(self) -> None:
        while not self._ended.wait(BEAT_SECONDS):
            self._tell()
