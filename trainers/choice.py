"""Stacked or one after another: measured on the machine that trains, once per signature and process."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from statistics import median
from time import perf_counter, process_time
from typing import Protocol

import numpy as np
import torch

from trainers.device import is_out_of_memory, synchronize
from trainers.memory import largest_stack, member_bytes
from trainers.stack import Stack
from trainers.step import train_step

VOTES = 5
"""Two sizes make steps in turns until so many turns say the same: five when it is clear, at most nine."""
NUM_WARM_UP_STEPS = 1
WORTHWHILE = 0.9
"""A larger stack must cost at most this share per trial-step, or the smaller one is kept.

A stack that is chosen wrongly costs more than one that is missed: it holds more memory, its members wait for
each other at every evaluation, and it shrinks when some of them end.
"""
HOPELESS = 1.15
"""Once a size costs this many times the best one, larger ones are not tried."""
NUM_LOSSES = 2
"""After so many sizes in a row that gained nothing, larger ones are not tried."""
MAX_SHARE = 0.1
"""Measuring may take this share of the time that training is expected to take.

It is spent in a worker's first pack only: what was chosen holds for every other pack of the same signature.
"""

MakeStack = Callable[[int], Stack]
"""Builds a throw-away stack of the given size; its steps change no result."""
Clock = Callable[[], float]


@dataclass(frozen=True)
class Choice:
    """The stack size to use, and the measured seconds per trial-step of every size that was tried.

    `member_bytes` is what each member is estimated to need, 0 where it was not.
    """

    stack_size: int
    seconds_per_trial_step: dict[int, float]
    member_bytes: int = 0


class Choices:
    """Remembers choices by signature, so that a worker measures each only once."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str, int], Choice] = {}

    def get(self, signature: str, device: str, num_trials: int, measure: Callable[[], Choice]) -> Choice:
        """The choice for `num_trials` trials of `signature`, measured when it is not known yet.

        A known stack is made smaller when there is less free memory now than there was then.
        """
        key = (signature, device, num_trials.bit_length() if device == "cpu" else num_trials)
        if key not in self._known:
            self._known[key] = measure()
        choice = self._known[key]
        if choice.member_bytes == 0:
            return choice
        return replace(choice, stack_size=min(choice.stack_size, largest_stack(choice.member_bytes, device)))


PROCESS_CHOICES = Choices()
"""What this process has measured so far."""


def choose(make_stack: MakeStack, num_trials: int, num_steps: int, device: str) -> Choice:
    """Let stacks of 1, 2, 4 … trials train in turns, and take the smallest that is as fast as any.

    Sizes that do not fit in memory are not tried. The climb ends when larger stacks do not pay, when
    measuring would take more than `MAX_SHARE` of the whole, or when memory runs out all the same. On an
    accelerator nothing is measured: there a larger stack costs less a trial, until memory ends.
    """
    alone = make_stack(1)
    num_bytes = member_bytes(alone)
    limit = min(num_trials, largest_stack(num_bytes, device))
    if device != "cpu":
        return Choice(limit, {}, num_bytes)
    solo = TimedStack(alone, device)
    found = climb(solo, lambda size: TimedStack(make_stack(size), device), limit, num_trials * num_steps)
    return replace(found, member_bytes=num_bytes)


class TimedStack:
    """A stack that makes single steps for their time. It starts again when its chunk is used up."""

    def __init__(self, stack: Stack, device: str) -> None:
        self.stack = stack
        self.size = stack.num_members
        self._device = device
        self._clock = clock_for(device)
        self._step = 0
        self._length = VOTES + NUM_WARM_UP_STEPS
        for _ in range(NUM_WARM_UP_STEPS):
            self.seconds()

    def seconds(self) -> float:
        """Make a step; what it cost each of its trials."""
        if self._step % self._length == 0:
            if self._step:
                self.stack.meter.flush()
            self._batches = self.stack.batches.chunk(0, self._length)
            self._rates = self.stack.rates.chunk(0, self._length)
            self.stack.meter.start(self._length)
        step = self._step % self._length
        self._step += 1
        started = self._clock()
        with np.errstate(all="ignore"):
            train_step(self.stack, self._batches[step], self._rates[step], step)
        synchronize(self._device)
        return (self._clock() - started) / self.size


def clock_for(device: str) -> Clock:
    """Processor time where one thread does the work: what else the machine does is not in it."""
    return process_time if device == "cpu" and torch.get_num_threads() == 1 else perf_counter


class Contender(Protocol):
    """A size that can be measured, a step at a time."""

    size: int

    def seconds(self) -> float:
        """Of one more step, per trial."""
        ...


def climb(solo: Contender, rival_of: Callable[[int], Contender], limit: int, num_trial_steps: int) -> Choice:
    """Measure sizes 1, 2, 4 … up to `limit`, each in turns with the best so far; the best of all wins."""
    best = solo
    costs = {1: median(solo.seconds() for _ in range(VOTES))}
    spent, size, num_losses = costs[1] * VOTES, 2, 0
    while size <= limit and num_losses < NUM_LOSSES:
        fastest = costs[best.size]
        spent += fastest * (best.size + size) * (VOTES + NUM_WARM_UP_STEPS)
        if spent > MAX_SHARE * fastest * num_trial_steps:
            break
        try:
            rival = rival_of(size)
            ratio = duel(best, rival)
        except Exception as error:
            if not is_out_of_memory(error):
                raise
            break
        costs[size] = ratio * fastest
        if ratio > HOPELESS:
            break
        best, num_losses = (rival, 0) if ratio <= WORTHWHILE else (best, num_losses + 1)
        size *= 2
    return Choice(best.size, costs)


def duel(best: Contender, rival: Contender) -> float:
    """What a trial-step costs in `rival`, as a multiple of what it costs in `best`.

    It lies on the side of `WORTHWHILE` that most turns were on. In turns, because a machine's speed drifts by
    more than stacking gains: only neighbours in time compare.
    """
    ratios: list[float] = []
    wins = losses = 0
    while max(wins, losses) < VOTES:
        ratios.append(rival.seconds() / best.seconds())
        wins += ratios[-1] <= WORTHWHILE
        losses = len(ratios) - wins
    found = median(ratios)
    return min(found, WORTHWHILE) if wins == VOTES else max(found, math.nextafter(WORTHWHILE, math.inf))
