"""Which trials train together: packs that keep every worker busy to the end."""

import math
from collections.abc import Callable, Container, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, Literal

from sweeps.plan_cost import TrialCost
from trainers.config import TrialConfig
from trainers.seeds import derive_seed

PACKS_PER_WORKER = 4
"""So that the last pack to end leaves the other workers idle for a small part of the sweep."""

MIN_PACK, MIN_FULL_STACK = 8, 32
"""Smaller packs are not made for balance alone: below the first, starting a pack outweighs what it spreads,
and below the second, a stack of short trials is slower for each of them."""

MIN_PACK_SECONDS = 2.0
"""Packs of short trials grow to this before they are made more for balance."""

MAX_PACK = 256
"""Larger packs gain nothing more from stacking."""

MAX_PACK_BYTES = 1 << 30
"""Memory of one pack's parameters, optimizer state and activations."""


@dataclass(frozen=True)
class PlannedTrial:
    """One trial to train. `number` counts configurations first: config_number · seeds + repeat.

    `axes` holds what the spec's axes set for it, by dotted path, as the spec writes it.
    """

    number: int
    config_number: int
    repeat: int
    config: TrialConfig
    axes: dict[str, Any]


@dataclass(frozen=True)
class PlannedPack:
    """Trials that one worker trains together; all share `signature`, so they may share a stack.

    `num_dealt` counts the trials that the pack had before some of them ended, None where none has: a rule
    that compares the trials of a pack goes by it.
    """

    number: int
    signature: str
    trials: tuple[PlannedTrial, ...]
    num_dealt: int | None = None

    def less(self, ended: Container[int]) -> "PlannedPack":
        """The pack without the trials whose numbers are in `ended`."""
        left = tuple(trial for trial in self.trials if trial.number not in ended)
        return (
            self if len(left) == len(self.trials) else replace(self, trials=left, num_dealt=self.num_entered)
        )

    @property
    def num_entered(self) -> int:
        """How many trials the pack has, or had."""
        return len(self.trials) if self.num_dealt is None else self.num_dealt


@dataclass
class Group:
    """Trials of one signature, and what each of them costs."""

    signature: str
    cost: TrialCost
    trials: list[PlannedTrial] = field(default_factory=list)

    @property
    def seconds(self) -> float:
        """Of all its trials on one worker."""
        return self.cost.seconds * len(self.trials)


def make_packs(
    groups: Sequence[Group], workers: int, pack: int | Literal["auto"], seed: int
) -> tuple[PlannedPack, ...]:
    """Packs of each group, those that take longest first, so that no worker starts a long one last."""
    total_seconds = sum(group.seconds for group in groups) or 1.0
    sized: list[tuple[float, str, tuple[PlannedTrial, ...]]] = []
    for group in groups:
        share = group.seconds / total_seconds
        num_packs = _num_packs(group, PACKS_PER_WORKER * workers * share, workers, pack)
        dealt = _dealt(group.trials, num_packs, seed)
        sized.extend((group.cost.seconds * len(trials), group.signature, trials) for trials in dealt)
    sized.sort(key=lambda entry: (-entry[0], entry[2][0].number))
    return tuple(PlannedPack(number, entry[1], entry[2]) for number, entry in enumerate(sized))


def round_packs(
    groups: Sequence[Group],
    num_packs: int,
    pack: int | Literal["auto"],
    unit_of: Callable[[PlannedTrial], int],
) -> Iterator[tuple[str, tuple[PlannedTrial, ...]]]:
    """About `num_packs` packs, as signatures and trials, in which trials of one unit stay together.

    A unit goes on when all its trials have ended, so that no unit should wait for a second pack. Units are
    split only where there are fewer of them than packs.
    """
    total_seconds = sum(group.seconds for group in groups) or 1.0
    for group in groups:
        most = pack if pack != "auto" else _most_trials(group)
        wanted = max(round(num_packs * group.seconds / total_seconds), math.ceil(len(group.trials) / most))
        for trials in _shared_out(group.trials, max(wanted, 1), most, unit_of):
            yield group.signature, trials


def _shared_out(
    trials: Sequence[PlannedTrial], num_packs: int, most: int, unit_of: Callable[[PlannedTrial], int]
) -> Iterator[tuple[PlannedTrial, ...]]:
    units: dict[int, list[PlannedTrial]] = {}
    for trial in trials:
        units.setdefault(unit_of(trial), []).append(trial)
    pieces = list(units.values())
    if len(pieces) < num_packs or max(map(len, pieces)) > most:
        pieces = [[trial] for trial in trials]
    packs: list[list[PlannedTrial]] = [[] for _ in range(min(num_packs, len(pieces)))]
    for piece in sorted(pieces, key=len, reverse=True):
        smallest = min(packs, key=len)
        if len(smallest) + len(piece) > most:
            packs.append(smallest := [])
        smallest.extend(piece)
    return (tuple(pack) for pack in packs if pack)


def _num_packs(group: Group, wanted: float, workers: int, pack: int | Literal["auto"]) -> int:
    num_trials = len(group.trials)
    if pack != "auto":
        return math.ceil(num_trials / pack)
    most = _most_trials(group)
    smallest = MIN_PACK_SECONDS / max(group.cost.seconds, 1e-9)
    balanced = min(math.ceil(wanted), num_trials // int(min(max(smallest, MIN_PACK), MIN_FULL_STACK)))
    # A multiple of the workers, so that they end together.
    balanced -= balanced % workers if balanced > workers else 0
    enough = min(workers, math.ceil(wanted), num_trials)
    return max(math.ceil(num_trials / most), balanced, enough, 1)


def _most_trials(group: Group) -> int:
    return max(min(MAX_PACK, MAX_PACK_BYTES // max(group.cost.num_bytes, 1)), 1)


def _dealt(trials: Sequence[PlannedTrial], num_packs: int, seed: int) -> Iterator[tuple[PlannedTrial, ...]]:
    """Trials dealt out so that each pack holds some of every part of the plan.

    Neighbours in the plan go to different packs, in an order drawn anew for every round: a fixed order
    would give a pack one clip rule, or one learning rate, whenever the grid's period divides it.
    """
    packs: list[list[PlannedTrial]] = [[] for _ in range(num_packs)]
    for start in range(0, len(trials), num_packs):
        hand = trials[start : start + num_packs]
        order = sorted(range(num_packs), key=partial(derive_seed, seed, "deal", start))
        for pack, trial in zip(order[: len(hand)], hand, strict=True):
            packs[pack].append(trial)
    return (tuple(pack) for pack in packs if pack)
