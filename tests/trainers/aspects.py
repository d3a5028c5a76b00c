"""A register of what the tests show of each kind, so that a kind without one of them is noticed.

A test says with `@shows` which aspects it shows of which kinds; `test_every_kind_is_tested` reads them.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Literal, TypeVar

from trainers.catalogue import Family
from trainers.kinds import Kind

Aspect = Literal["reference", "invariant", "nan", "infinity", "zero", "empty", "pack"]
Test = TypeVar("Test", bound=Callable[..., None])

NEEDED: dict[str, frozenset[Aspect]] = {
    "clip": frozenset({"reference", "invariant", "nan", "infinity", "zero", "empty", "pack"}),
    "gradient": frozenset({"reference", "invariant", "nan", "infinity", "zero", "empty", "pack"}),
    "optimizer": frozenset({"reference", "invariant", "nan", "infinity", "zero", "empty", "pack"}),
    "regulariser": frozenset({"reference", "invariant", "nan", "infinity", "zero", "empty", "pack"}),
    "init": frozenset({"reference", "invariant", "empty", "pack"}),
    "schedule": frozenset({"reference", "invariant", "nan", "infinity", "pack"}),
    "model": frozenset({"reference", "nan", "pack"}),
    "data": frozenset(),
}
"""By family. Initializers take no numbers but their parameters; each data set has tests of its own."""

_REGISTER: dict[type[Kind], set[Aspect]] = defaultdict(set)


def shows(*aspects: Aspect, of: Iterable[type[Kind] | Kind]) -> Callable[[Test], Test]:
    """Enter the decorated test: it shows `aspects` of every kind in `of`."""
    kinds = [kind if isinstance(kind, type) else type(kind) for kind in of]

    def enter(test: Test) -> Test:
        for kind in kinds:
            _REGISTER[kind].update(aspects)
        return test

    return enter


def not_shown(family: Family, kind: type[Kind]) -> set[Aspect]:
    """What no test that has been imported shows of `kind`."""
    return set(NEEDED[family.name] - _REGISTER[kind])
