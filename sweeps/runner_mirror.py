"""The process that brings the ledger's outbox to MLflow, kept running beside a runner."""

import logging
import subprocess
import time

from sweeps.ledger import Ledger
from sweeps.mlflow_main import mirror_argv
from sweeps.runner_settings import RunnerSettings

STOP_SECONDS = 8.0
SECONDS_BETWEEN_STARTS = 5.0

logger = logging.getLogger(__name__)


class MirrorProcess:
    """A mirror in a process of its own, which ends with this one. Without an MLflow there is none."""

    def __init__(self, settings: RunnerSettings) -> None:
        self._settings = settings
        self._process: subprocess.Popen[bytes] | None = None
        self._started_at = float("-inf")

    def keep_running(self) -> None:
        """Start it, and again when it has ended."""
        uri = self._settings.mlflow_uri
        if uri is None or (self._process is not None and self._process.poll() is None):
            return
        if time.monotonic() - self._started_at < SECONDS_BETWEEN_STARTS:
            return
        if self._process is not None:
            logger.warning("the mirror ended with code %s; starting it again", self._process.returncode)
        self._started_at = time.monotonic()
        argv = mirror_argv(self._settings.ledger_url, uri)
        self._process = subprocess.Popen(argv, stdin=subprocess.DEVNULL)

    def wait_until_done(self, ledger: Ledger, seconds: float) -> bool:
        """Wait until MLflow has everything, at most so long; whether it has."""
        deadline = time.monotonic() + seconds
        while self._settings.mlflow_uri is not None:
            outbox = ledger.pending_mirror(1)
            if not outbox.sweeps and not outbox.trials:
                return True
            if time.monotonic() > deadline:
                return False
            self.keep_running()
            time.sleep(0.2)
        return True

    def stop(self) -> None:
        """End it: it finishes what it is writing."""
        if self._process is None or self._process.poll() is not None:
            return
        self._process.terminate()
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
