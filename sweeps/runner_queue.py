"""Which pack to hand out next, and what becomes of a pack whose worker was lost."""

from collections import deque
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from sweeps.plan_packs import PlannedPack, PlannedTrial

LOSSES_BEFORE_SPLITTING = 2
"""A worker may be lost by chance; a pack that loses its second one is halved, to find what kills them."""

REPEATED_LOSSES_IN_A_ROW = 10
"""When packs lose so many workers again, and no trial ended in between, halving them finds no culprit.

First losses do not count: a machine that goes down takes many workers with it.
"""


@dataclass(frozen=True)
class HandedOut:
    """A pack on its way to a worker; `num_losses` counts the workers that it, or what it came from, lost."""

    pack: PlannedPack
    num_losses: int = 0


MakePacks = Callable[[Sequence[PlannedTrial], int], Sequence[tuple[str, tuple[PlannedTrial, ...]]]]
"""Packs, as signatures and trials, of some trials for so many workers that have nothing to do."""


class PackQueue:
    """The packs of a sweep that have not been trained, and those that are being trained.

    Trials that have ended never go out again. A trial that keeps losing workers is given up in the end, so
    a sweep cannot go on for ever. Trials may be added while others are trained: `make_packs` puts what has
    come together into packs once a worker finds nothing else to do. Packs are numbered from `first` on.
    """

    def __init__(
        self,
        packs: Sequence[PlannedPack],
        make_packs: MakePacks | None = None,
        num_workers: int = 1,
        first: int = 0,
    ) -> None:
        self._waiting = deque(HandedOut(pack) for pack in packs)
        self._out: dict[int, HandedOut] = {}
        self._next_number = max((pack.number for pack in packs), default=first - 1) + 1
        self._make_packs = make_packs
        self._num_workers = num_workers
        self._added: list[PlannedTrial] = []
        self._ended: set[int] = set()
        self._repeated_losses = 0

    @property
    def finished(self) -> bool:
        """Whether no trial waits and none is out."""
        return not self._waiting and not self._out and not self._added

    def add(self, trials: Iterable[PlannedTrial]) -> None:
        """More trials to train; needs `make_packs`."""
        self._added.extend(trials)

    def take(self) -> PlannedPack | None:
        """The next pack, which is out from now on; None when none waits."""
        if not self._waiting:
            self._pack_added()
        if not self._waiting:
            return None
        handed_out = self._waiting.popleft()
        self._out[handed_out.pack.number] = handed_out
        return handed_out.pack

    def ended(self, numbers: Collection[int]) -> None:
        """Note trials that have ended."""
        self._ended.update(numbers)
        if numbers:
            self._repeated_losses = 0

    def done(self, pack: int) -> None:
        """A pack was trained to its end."""
        self._out.pop(pack, None)

    def lost(self, pack: int) -> tuple[PlannedTrial, ...]:
        """A pack's worker was lost. What had not ended waits again; the trials given up are returned."""
        handed_out = self._out.pop(pack)
        num_losses = handed_out.num_losses + 1
        rest = handed_out.pack.less(self._ended)
        left = rest.trials
        if num_losses < LOSSES_BEFORE_SPLITTING:
            self._wait_again([rest], num_losses)
            return ()
        self._repeated_losses += 1
        if len(left) <= 1 or self._repeated_losses >= REPEATED_LOSSES_IN_A_ROW:
            return left
        middle = len(left) // 2
        halves = (left[:middle], left[middle:])
        self._wait_again([self._renumbered(rest, half) for half in halves], num_losses)
        return ()

    def _pack_added(self) -> None:
        if not self._added or self._make_packs is None:
            return
        num_idle = max(self._num_workers - len(self._out), 1)
        for signature, trials in self._make_packs(self._added, num_idle):
            self._waiting.append(HandedOut(PlannedPack(self._next_number, signature, trials)))
            self._next_number += 1
        self._added = []

    def _wait_again(self, packs: Iterable[PlannedPack], num_losses: int) -> None:
        """Behind the packs that have done no harm yet."""
        self._waiting.extend(HandedOut(pack, num_losses) for pack in packs if pack.trials)

    def _renumbered(self, pack: PlannedPack, trials: tuple[PlannedTrial, ...]) -> PlannedPack:
        number, self._next_number = self._next_number, self._next_number + 1
        dealt = None if pack.num_dealt is None else max(pack.num_dealt // 2, len(trials))
        return PlannedPack(number, pack.signature, trials, dealt)


def packs_left(packs: Sequence[PlannedPack], ended: Collection[int], first: int) -> list[PlannedPack]:
    """Packs without the trials that have ended, numbered from `first`; empty packs are left out."""
    filled = [left for pack in packs if (left := pack.less(ended)).trials]
    return [replace(pack, number=first + index) for index, pack in enumerate(filled)]
