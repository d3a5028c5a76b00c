"""A stack's steps: launched piece by piece at first, then repeated from a recording of one of them."""

from collections.abc import Iterable, Iterator, MutableMapping, MutableSequence
from typing import Any, NoReturn, cast

from torch import Tensor

from trainers.batches import BatchChunk
from trainers.recording import NotRecordableError, Recorder, Work, recorder_for
from trainers.stack import Stack
from trainers.stacked import Stacked
from trainers.statistics.device import DeviceMeter
from trainers.step import train_step

NUM_LAUNCHED = 3
"""Steps that are launched before one is recorded: the first ones set things up that later ones find."""
WORTHWHILE = 8
"""With fewer steps left, a recording would not pay."""

Slot = tuple[MutableMapping[Any, Any] | MutableSequence[Any], Any, Any]
"""A container, a key or an index in it, and what was there."""


class Repetition:
    """Makes the steps of one stack.

    A recording holds for as long as the stack's members stay the same. What a step takes is copied to where
    the recorded one found it; what a step leaves is brought back to where it was. A stack whose steps differ
    in more than that, or ask the host for something, is launched to its end.
    """

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._recorder: Recorder | None = recorder_for(stack.device)
        self._params: Tensor | None = None
        self._recorded: RecordedStep | None = None
        self._num_launched = 0
        self.num_repeated = 0

    def make(self, batches: BatchChunk, index: int, lr: Tensor, step: int, num_left: int) -> bool:
        """Make update `step`, the chunk's `index`-th, after which `num_left` follow; as `train_step`."""
        if self._params is not self._stack.params:  # members left, or this is the first step
            self._params, self._recorded, self._num_launched = self._stack.params, None, 0
        places = batches.places(index)
        if self._recorded is not None:
            self._recorded.make(places, lr)
            self.num_repeated += 1
            return True
        if self._recorder is not None and self._num_launched >= NUM_LAUNCHED and num_left >= WORTHWHILE:
            try:
                self._recorded = RecordedStep(self._stack, self._recorder, batches, places, lr)
            except NotRecordableError:
                self._recorder = None
            else:
                return True
        self._num_launched += 1
        return train_step(self._stack, batches.gathered(places), lr, step)


class RecordedStep:
    """One step, made while it was recorded; `make` makes it again with other batches and rates."""

    def __init__(
        self, stack: Stack, recorder: Recorder, batches: BatchChunk, places: Tensor | None, lr: Tensor
    ) -> None:
        meter = stack.meter
        if not isinstance(meter, DeviceMeter):
            raise NotRecordableError("statistics on the host are not on the device")
        self._meter = meter
        self._places = None if places is None else places.clone()
        self._lr = lr.clone()
        before = list(_slots(stack.parts()))
        num_steps = meter.num_steps

        def work() -> None:
            train_step(stack, batches.gathered(self._places), self._lr, cast("int", ANY_LATER_STEP))
            _tie(before, list(_slots(stack.parts())))

        try:
            self._repeat: Work = recorder(work)
        except NotRecordableError:
            _put_back(before)
            meter.num_steps = num_steps
            raise

    def make(self, places: Tensor | None, lr: Tensor) -> None:
        """Make the step with the examples at `places` (accumulate, K, B) and rates (K, 1)."""
        if self._places is not None and places is not None:
            self._places.copy_(places)
        self._lr.copy_(lr)
        self._repeat()
        self._meter.num_steps += 1


class AnyLaterStep:
    """Stands for the number of a step that is not the first, of which nothing else is known."""

    def __eq__(self, other: object) -> bool:
        return False if other == 0 else self._unknown()

    def __gt__(self, other: object) -> bool:
        return True if other == 0 else self._unknown()

    def __str__(self) -> str:
        return self._unknown()

    def __hash__(self) -> int:
        return self._unknown()

    def __bool__(self) -> bool:
        return self._unknown()

    def _unknown(self) -> NoReturn:
        raise NotRecordableError("what is done depends on the number of the step")


ANY_LATER_STEP = AnyLaterStep()


def _slots(parts: Iterable[Stacked]) -> Iterator[Slot]:
    """Where the state of `parts` is kept, down to single tensors and numbers."""
    for part in parts:
        yield from _slots_in(vars(part))


def _slots_in(holder: MutableMapping[Any, Any] | MutableSequence[Any]) -> Iterator[Slot]:
    items = holder.items() if isinstance(holder, MutableMapping) else enumerate(holder)
    for key, value in list(items):
        if isinstance(value, Stacked):
            yield from _slots_in(vars(value))
        elif isinstance(value, dict | list):
            yield from _slots_in(value)
        else:
            yield holder, key, value


def _tie(before: list[Slot], after: list[Slot]) -> None:
    """Bring every tensor that a step made anew to where its predecessor was."""
    if [(id(holder), key) for holder, key, _ in before] != [(id(holder), key) for holder, key, _ in after]:
        raise NotRecordableError("a step gave its state another form")
    changed = [(slot, new) for slot, (_, _, new) in zip(before, after, strict=True) if _is_new(slot[2], new)]
    kept = {value.data_ptr() for _, _, value in before if isinstance(value, Tensor)}
    for (holder, key, old), new in changed:
        if not _may_follow(old, new) or new.data_ptr() in kept:
            raise NotRecordableError(f"{key} becomes something else in each step")
        old.copy_(new)
        holder[key] = old


def _is_new(old: Any, new: Any) -> bool:
    if isinstance(old, Tensor) or isinstance(new, Tensor):
        return old is not new
    return old is not new and bool(old != new)


def _may_follow(old: Any, new: Any) -> bool:
    are_tensors = isinstance(old, Tensor) and isinstance(new, Tensor)
    return are_tensors and old.shape == new.shape and old.dtype == new.dtype


def _put_back(before: list[Slot]) -> None:
    for holder, key, value in before:
        holder[key] = value
