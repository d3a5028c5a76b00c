"""Stacked or one after another: measured on the machine that trains, once per signature and process."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from time import perf_counter

import numpy as np

from trainers.device import is_out_of_memory, synchronize
from trainers.memory import largest_stack, member_bytes
from trainers.stack import Stack
from trainers.step import train_step

NUM_TIMED_STEPS = 3
WORTHWHILE = 0.95
"""A larger stack must cost at most this share per trial-step; otherwise the smaller one is kept."""
HOPELESS = 1.15
"""Once a size costs this many times the best one, larger ones are not tried."""
MAX_SHARE = 0.04
"""Measuring may take this share of the time that training is expected to take."""

MakeStack = Callable[[int], Stack]
"""Builds a throw-away stack of the given size; its steps change no result."""


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
        key = (signature, device, num_trials.bit_length())
        if key not in self._known:
            self._known[key] = measure()
        choice = self._known[key]
        if choice.member_bytes == 0:
            return choice
        return replace(choice, stack_size=min(choice.stack_size, largest_stack(choice.member_bytes, device)))


PROCESS_CHOICES = Choices()
"""What this process has measured so far."""


def choose(make_stack: MakeStack, num_trials: int, num_steps: int, device: str) -> Choice:
    """Time a few steps at stack sizes 1, 2, 4 … and take the smallest that is as fast as any.

    Sizes that do not fit in memory are not tried. The climb ends when stacking does not pay, when measuring
    would take more than `MAX_SHARE` of the whole, or when memory runs out all the same.
    """
    solo = make_stack(1)
    num_bytes = member_bytes(solo)
    limit = min(num_trials, largest_stack(num_bytes, device))
    costs = {1: time_step(solo, device)}
    spent, size = costs[1] * NUM_TIMED_STEPS, 2
    while size <= limit:
        best = min(costs.values())
        if spent + best * size * (NUM_TIMED_STEPS + 1) > MAX_SHARE * best * num_trials * num_steps:
            break
        try:
            costs[size] = time_step(make_stack(size), device) / size
        except Exception as error:
            if not is_out_of_memory(error):
                raise
            break
        spent += costs[size] * size * (NUM_TIMED_STEPS + 1)
        if costs[size] > HOPELESS * min(costs.values()):
            break
        size *= 2
    return Choice(_smallest_worthwhile(costs), costs, num_bytes)


def time_step(stack: Stack, device: str) -> float:
    """Seconds of the fastest of a few steps of `stack`, after one to warm up."""
    num_steps = NUM_TIMED_STEPS + 1
    batches, rates = stack.batches.chunk(0, num_steps), stack.rates.chunk(0, num_steps)
    stack.meter.start(num_steps)
    fastest = float("inf")
    with np.errstate(all="ignore"):
        for step in range(num_steps):
            started = perf_counter()
            train_step(stack, batches[step], rates[step], step)
            synchronize(device)
            if step:
                fastest = min(fastest, perf_counter() - started)
    return fastest


def _smallest_worthwhile(costs: dict[int, float]) -> int:
    chosen = 1
    for size in sorted(costs):
        if costs[size] < WORTHWHILE * costs[chosen]:
            chosen = size
    return chosen
