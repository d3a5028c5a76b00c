"""A pack: trials that one worker trains together in one process, stacked or one after another."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from time import perf_counter

from torch import Tensor

from trainers.config import TrialConfig
from trainers.device import DTYPES
from trainers.errors import PackError
from trainers.layout import ParameterLayout
from trainers.loop import StackRun
from trainers.record import PackRecord, TrialRecord
from trainers.seeds import generator
from trainers.signature import static_signature
from trainers.stack import Stack
from trainers.supervised import Supervised
from trainers.trial import PackTrial

__all__ = ["PackProgress", "PackRun", "PackTrial"]


@dataclass(frozen=True)
class PackProgress:
    """How far a pack is. Steps of trials that ended early count as done."""

    num_trials: int
    num_ended: int
    num_steps_done: int
    num_steps_total: int


class PackRun:
    """Trains a pack: call `advance` until `finished`.

    Trials must share a static signature. `stack_size` is how many train as one stacked model, 1 means one
    after another; None measures and chooses. Raises `PackError` for no trials or trials that cannot share a
    stack.
    """

    def __init__(
        self, trials: Sequence[PackTrial], *, device: str = "cpu", stack_size: int | None = None
    ) -> None:
        signatures = {static_signature(trial.config) for trial in trials}
        if len(signatures) != 1:
            raise PackError(f"a pack needs trials of one static signature, got {len(signatures)}")
        self._signature = signatures.pop()
        self._trials = list(trials)
        self._device = device
        self._stack_size = stack_size or len(trials)
        config = trials[0].config
        self._dtype = DTYPES[config.dtype]
        self._workload = Supervised.build(config.workload, device, self._dtype)
        self._initial = InitialRows()
        self._waiting = deque(_split(self._trials, self._stack_size))
        self._current: StackRun | None = None
        self._num_ended = 0
        self._seconds = 0.0

    @property
    def finished(self) -> bool:
        """Whether every trial has ended."""
        return self._num_ended == len(self._trials)

    def advance(self, seconds: float) -> list[TrialRecord]:
        """Train for about `seconds`; the records of the trials that ended since the last call."""
        started = perf_counter()
        records: list[TrialRecord] = []
        while not self.finished and (not records or perf_counter() - started < seconds):
            ended = self._advance_stack()
            self._num_ended += len(ended)
            records += ended
            if perf_counter() - started >= seconds:
                break
        self._seconds += perf_counter() - started
        return records

    def progress(self) -> PackProgress:
        """How far the pack is."""
        steps = self._trials[0].config.steps
        running = 0 if self._current is None else self._current.stack.num_members * self._current.step
        return PackProgress(
            num_trials=len(self._trials),
            num_ended=self._num_ended,
            num_steps_done=self._num_ended * steps + running,
            num_steps_total=len(self._trials) * steps,
        )

    def record(self) -> PackRecord:
        """How the pack was trained so far."""
        return PackRecord(self._signature, len(self._trials), self._stack_size, {}, self._seconds)

    def _advance_stack(self) -> list[TrialRecord]:
        if self._current is None:
            trials = self._waiting.popleft()
            stack = Stack(trials, self._workload, self._initial, self._device, self._dtype)
            self._current = StackRun(stack)
        records = self._current.advance()
        if self._current.finished:
            self._current = None
        return records


class InitialRows:
    """Initial parameters by init config and seed; trials that differ in something else share the work."""

    def __init__(self) -> None:
        self._rows: dict[tuple[str, int], Tensor] = {}

    def __call__(self, config: TrialConfig, layout: ParameterLayout) -> Tensor:
        """The float64 row (P,) of one trial."""
        key = (config.init.model_dump_json(), config.seed)
        if key not in self._rows:
            self._rows[key] = config.init.initialize(layout, generator(config.seed, "init"))
        return self._rows[key]


def _split(trials: Sequence[PackTrial], size: int) -> list[list[PackTrial]]:
    return [list(trials[start : start + size]) for start in range(0, len(trials), size)]
