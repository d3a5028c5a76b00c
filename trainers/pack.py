"""A pack: trials that one worker trains together in one process, stacked or one after another."""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise
from time import perf_counter
from typing import Any

import torch

from trainers.checkpoint import State
from trainers.choice import PROCESS_CHOICES, Choice, Choices, choose
from trainers.config import WorkloadConfig
from trainers.device import DTYPES, is_out_of_memory, release
from trainers.errors import PackError
from trainers.failure import failed_record
from trainers.initial import InitialRows
from trainers.loop import StackRun
from trainers.pack_bracket import Bracket
from trainers.progress import PackProgress
from trainers.record import PackRecord, TrialRecord
from trainers.rungs import Rungs
from trainers.signature import solo_reason, static_signature
from trainers.stack import Stack
from trainers.supervised import Supervised
from trainers.trial import PackTrial
from trainers.workload import Workload

__all__ = ["PackProgress", "PackRun", "PackTrial"]

BuildWorkload = Callable[[WorkloadConfig, str, torch.dtype], Workload]


class PackRun:
    """Trains a pack: call `advance` until `finished`.

    Trials must share a static signature. `stack_size` is how many train as one stacked model, 1 means one
    after another; None measures and chooses. `build` makes the workload, `choices` remembers what was
    measured. With `rungs`, trials wait for each other at these steps, and those that fall behind end there,
    each with the record of what it did so far. Raises `PackError` for no trials or trials that cannot share a
    stack. Whatever breaks later becomes the record of the trials concerned, with outcome `failed`.
    """

    def __init__(
        self,
        trials: Sequence[PackTrial],
        *,
        device: str = "cpu",
        stack_size: int | None = None,
        build: BuildWorkload = Supervised.build,
        choices: Choices = PROCESS_CHOICES,
        rungs: Rungs | None = None,
    ) -> None:
        signatures = {static_signature(trial.config) for trial in trials}
        if len(signatures) != 1:
            raise PackError(f"a pack needs trials of one static signature, got {len(signatures)}")
        self._signature = signatures.pop()
        self._trials = list(trials)
        self._config = trials[0].config
        self._device = device
        self._wanted_size = 1 if solo_reason(self._config) else stack_size
        self._build = build
        self._choices = choices
        self._initial = InitialRows(device)
        self._workload: Workload | None = None
        self._choice = Choice(self._wanted_size or 1, {})
        self._waiting: deque[list[PackTrial]] = deque()
        self._current: StackRun | None = None
        self._bracket = Bracket(rungs, len(trials))
        self._num_ended = 0
        self._seconds = 0.0

    @property
    def finished(self) -> bool:
        """Whether every trial has ended."""
        return self._num_ended == len(self._trials)

    def advance(self, seconds: float) -> list[TrialRecord]:
        """Train for about `seconds`, or until `standing` is a new one; the records of those that ended."""
        started = perf_counter()
        records: list[TrialRecord] = []
        standing = self.standing
        while not self.finished:
            ended = self._advance_once()
            self._num_ended += len(ended)
            records += ended
            if perf_counter() - started >= seconds or self.standing is not standing:
                break
        self._seconds += perf_counter() - started
        return records

    def progress(self) -> PackProgress:
        """How far the pack is."""
        steps = self._config.steps
        runs = [*self._bracket.runs, *([] if self._current is None else [self._current])]
        running = sum(run.stack.num_members * run.step for run in runs)
        return PackProgress(
            num_trials=len(self._trials),
            num_ended=self._num_ended,
            num_steps_done=self._num_ended * steps + running,
            num_steps_total=len(self._trials) * steps,
        )

    def record(self) -> PackRecord:
        """How the pack was trained so far."""
        return PackRecord(
            signature=self._signature,
            num_trials=len(self._trials),
            stack_size=self._choice.stack_size,
            seconds_per_trial_step=dict(self._choice.seconds_per_trial_step),
            train_seconds=self._seconds,
        )

    def state(self) -> State:
        """A checkpoint: what `restored` needs to go on, bit for bit, with trials that have not ended."""
        return {
            "signature": self._signature,
            "stack_size": self._choice.stack_size,
            "costs": dict(self._choice.seconds_per_trial_step),
            "seconds": self._seconds,
            "num_ended": self._num_ended,
            "is_prepared": self._workload is not None,
            "waiting": [[trial.number for trial in group] for group in self._waiting],
            "current": None if self._current is None else self._current.state(),
            "bracket": self._bracket.state(),
        }

    @classmethod
    def restored(cls, trials: Sequence[PackTrial], state: State, **options: Any) -> "PackRun":
        """The pack of `trials`, all of it, as it was when `state` was taken; `options` as for `PackRun`.

        Raises `PackError` when the checkpoint is of another pack.
        """
        run = cls(trials, **options)
        if run._signature != state["signature"]:
            raise PackError("this checkpoint is of a pack with another static signature")
        by_number = {trial.number: trial for trial in trials}
        run._choice = Choice(state["stack_size"], state["costs"])
        run._seconds, run._num_ended = state["seconds"], state["num_ended"]
        if state["is_prepared"]:
            run._workload = run._build(run._config.workload, run._device, DTYPES[run._config.dtype])
            run._waiting = deque([by_number[number] for number in group] for group in state["waiting"])

        def resumed(run_state: State) -> StackRun:
            stack = run._stack([by_number[number] for number in run_state["numbers"]])
            return StackRun.resumed(stack, run_state)

        if state["current"] is not None:
            run._current = resumed(state["current"])
        run._bracket.load(state["bracket"], resumed)
        return run

    @property
    def standing(self) -> TrialRecord | None:
        """The record of a pack's only trial as of its last rung, where rungs stop nobody."""
        return self._bracket.standing

    def _advance_once(self) -> list[TrialRecord]:
        if self._workload is None:
            return self._prepare()
        if self._current is None and not self._waiting:
            if not self._bracket.resting:
                return self._bracket.pass_rung()
            self._current = self._bracket.resting.popleft()
        trials = self._waiting[0] if self._current is None else self._current.stack.trials
        try:
            if self._current is None:
                self._current = StackRun(self._stack(trials))
                self._waiting.popleft()
            records = self._current.advance(self._bracket.next_step)
        except Exception as error:
            return self._recover(trials, error)
        if self._current.finished or self._bracket.stops(self._current):
            self._current = None
        return records

    def _prepare(self) -> list[TrialRecord]:
        """Build the workload, without which every trial failed, and choose the stack size."""
        try:
            self._workload = self._build(self._config.workload, self._device, DTYPES[self._config.dtype])
        except Exception as error:
            return [failed_record(trial, error) for trial in self._trials]
        self._choice = self._choose()
        self._waiting = deque(split_evenly(self._trials, self._choice.stack_size))
        return []

    def _choose(self) -> Choice:
        if self._wanted_size is not None:
            return Choice(self._wanted_size, {})
        num_trials, steps = len(self._trials), self._config.steps
        try:
            return self._choices.get(
                self._signature,
                self._device,
                num_trials,
                lambda: choose(
                    lambda size: self._stack(self._trials[:size]), num_trials, steps, self._device
                ),
            )
        except Exception:  # one after another, each trial shows what is wrong with it
            return Choice(1, {})

    def _stack(self, trials: Sequence[PackTrial]) -> Stack:
        assert self._workload is not None
        self._initial.draw([trial.config for trial in trials], self._workload)
        return Stack(trials, self._workload, self._initial, self._device, DTYPES[self._config.dtype])

    def _recover(self, trials: Sequence[PackTrial], error: Exception) -> list[TrialRecord]:
        """Train halves from their start again: that finds the trial that broke, or makes the stack fit."""
        if self._current is None:
            self._waiting.popleft()
        self._current = None
        if len(trials) == 1:
            return [failed_record(trials[0], error)]
        half = (len(trials) + 1) // 2
        self._waiting.extendleft([list(trials[half:]), list(trials[:half])])
        if is_out_of_memory(error):
            release(self._device)
            waiting = [part for group in self._waiting for part in split_evenly(group, half)]
            self._waiting = deque(waiting)
            self._choice = replace(self._choice, stack_size=half)
        return []


def split_evenly(trials: Sequence[PackTrial], size: int) -> list[list[PackTrial]]:
    """As few groups as possible of at most `size` trials, of nearly equal length, in order."""
    num_groups = -(-len(trials) // size)
    marks = [len(trials) * index // num_groups for index in range(num_groups + 1)]
    return [list(trials[start:stop]) for start, stop in pairwise(marks)]
