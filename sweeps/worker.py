"""What a worker does with a pack: train it, and go on when the code of a trial breaks."""

import logging
import traceback
from collections import deque
from collections.abc import Sequence
from time import perf_counter

import numpy as np

from trainers.pack import PackProgress, PackRun, PackTrial
from trainers.record import Curves, Evidence, PackRecord, TrialRecord, Verdict
from trainers.signature import static_signature

ERROR_CHARACTERS = 4000
"""How much of a traceback's end is kept with a failed trial."""

logger = logging.getLogger(__name__)


class PackWorker:
    """Trains a pack to its end, whatever happens inside it: call `advance` until `finished`.

    Broken code is no numerical result. When training a pack raises, its unfinished trials run again, each
    alone; those that raise alone too end as `failed`, with the traceback, and cost the others nothing.
    """

    def __init__(self, trials: Sequence[PackTrial], *, device: str = "cpu") -> None:
        self._left = {trial.number for trial in trials}
        self._num_trials = len(self._left)
        self._num_steps = trials[0].config.steps  # equal in all, as part of the signature
        self._device = device
        self._waiting = deque([tuple(trials)])
        self._run: PackRun | None = None
        self._running: tuple[PackTrial, ...] = ()
        self._signature = ""
        self._last: PackRecord | None = None
        self._broke = False
        self._seconds = 0.0

    @property
    def finished(self) -> bool:
        """Whether every trial has ended."""
        return not self._left

    def advance(self, seconds: float) -> list[TrialRecord]:
        """Train for about `seconds`; the records of the trials that ended since the last call."""
        started = perf_counter()
        records: list[TrialRecord] = []
        while not self.finished and perf_counter() - started < seconds:
            left = seconds - (perf_counter() - started)
            try:
                ended = self._advance(left)
            except Exception as error:
                logger.warning("training a pack raised %s", error, exc_info=True)
                ended = self._after_break(traceback.format_exc())
            self._left -= {record.number for record in ended}
            records += ended
        self._seconds += perf_counter() - started
        return records

    def progress(self) -> PackProgress:
        """How far the pack is; steps of trials that ended count as done."""
        num_ended = self._num_trials - len(self._left)
        done = num_ended * self._num_steps
        if self._run is not None:
            inside = self._run.progress()
            done += inside.num_steps_done - inside.num_ended * self._num_steps
        return PackProgress(self._num_trials, num_ended, done, self._num_trials * self._num_steps)

    def record(self) -> PackRecord:
        """How the pack was trained so far; one that broke was trained one after another."""
        last = self._last if self._run is None else self._run.record()
        if last is None or self._broke:
            return PackRecord(self._signature, self._num_trials, 1, {}, self._seconds)
        return last

    def _advance(self, seconds: float) -> list[TrialRecord]:
        if self._run is None:
            self._running = self._waiting.popleft()
            self._signature = self._signature or static_signature(self._running[0].config)
            self._run = PackRun(self._running, device=self._device)
        records = self._run.advance(seconds)
        if self._run.finished:
            self._last, self._run = self._run.record(), None
        return records

    def _after_break(self, error: str) -> list[TrialRecord]:
        """Have the trials of the broken run wait for a run of their own, or give up the one it had."""
        self._run = None
        self._broke = True
        left = [trial for trial in self._running if trial.number in self._left]
        if len(self._running) == 1:
            return [failed_record(trial.number, "exception", error) for trial in left]
        self._waiting.extend((trial,) for trial in left)
        return []


def failed_record(number: int, rule: str, error: str) -> TrialRecord:
    """The record of a trial that broken code or a broken machine ended; nothing was measured."""
    nothing = ("train_loss", "eval_loss", "initial_loss", "stability_score", "nonfinite")
    return TrialRecord(
        number=number,
        verdict=Verdict("failed", Evidence(rule)),
        num_steps_done=0,
        final=dict.fromkeys(nothing),
        curves=Curves(np.empty(0, np.int64), {}, (), {}),
        train_seconds=0.0,
        error=error[-ERROR_CHARACTERS:],
    )
