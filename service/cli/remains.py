"""What a sweep still lacks once its last trial has ended: its report, its model, its way into MLflow."""

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sweeps.ledger import Ledger
    from sweeps.ledger.base import Sweep

SECONDS = 60.0
"""How long the report, and then MLflow, may take."""

REPORT = "writing the report"
MODEL = "training the model"
MLFLOW = "bringing it to MLflow"


class Remains:
    """Looks after a sweep from its last trial on."""

    def __init__(self, ledger: "Ledger", seconds: float = SECONDS) -> None:
        """Each stage is given `seconds`, and the model as long as it may take."""
        self._ledger = ledger
        self._seconds = seconds
        self._stage: str | None = None
        self._since = time.monotonic()

    def stage(self, sweep: "Sweep") -> str | None:
        """What is being done for a sweep that has ended; None when all is there."""
        stage = self._next(sweep)
        if stage != self._stage:
            self._stage, self._since = stage, time.monotonic()
        return stage

    def worth_waiting(self, sweep: "Sweep") -> bool:
        """Whether something is being done, and not for too long."""
        stage = self.stage(sweep)
        patience = max(self._seconds, 2 * _seconds(sweep)) if stage == MODEL else self._seconds
        return stage is not None and time.monotonic() - self._since < patience

    def _next(self, sweep: "Sweep") -> str | None:
        from sweeps.model_version import asks_for_model, has_answer

        if sweep.num_ended and self._ledger.get_report(sweep.id) is None:
            return REPORT
        if sweep.num_ended and asks_for_model(sweep):
            report = self._ledger.get_stored_report(sweep.id)
            if report is not None and not has_answer(report):
                return MODEL
        return None if sweep.is_mirrored else MLFLOW


def _seconds(sweep: "Sweep") -> float:
    """How long a sweep took, which is at least as long as any of its trials."""
    if sweep.started_at is None or sweep.ended_at is None:
        return 0.0
    return sweep.ended_at - sweep.started_at
