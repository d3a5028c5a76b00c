"""The space that a search draws from: axes, some of which exist only under settings of others."""

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any

from sweeps.search.domains import Domain

Assignment = dict[str, Any]
"""What one configuration sets: dotted path to value, for the axes that exist in it."""

Setting = Callable[[Assignment, str], Any]
"""Looks up the setting at a dotted path, given what is assigned so far."""


class Space:
    """Axes in the order in which their values are chosen: as written, but after what they depend on.

    `setting` answers the `when` conditions. Conditions that wait for each other leave `cycle` non-empty,
    and such a space must not be drawn from.
    """

    def __init__(self, axes: Mapping[str, Domain], setting: Setting) -> None:
        self.axes = dict(axes)
        self._setting = setting

    @cached_property
    def order(self) -> tuple[str, ...]:
        """Axis paths, each after those that its `when` looks at."""
        return self._sorted[0]

    @cached_property
    def cycle(self) -> tuple[str, ...]:
        """Axes whose conditions wait for each other; empty in a sound space."""
        return self._sorted[1]

    @cached_property
    def conditions(self) -> frozenset[str]:
        """Axes that decide whether another axis exists."""
        return frozenset(other for path in self.axes for other in self.looks_at(path))

    def looks_at(self, path: str) -> tuple[str, ...]:
        """The axes that the `when` of axis `path` depends on."""
        conditions = self.axes[path].when
        others = (other for other in self.axes if other != path)
        return tuple(other for other in others if any(overlap(other, name) for name in conditions))

    def exists(self, path: str, assignment: Assignment) -> bool:
        """Whether axis `path` exists beside what is assigned so far."""
        for condition, wanted in self.axes[path].when.items():
            found = self._setting(assignment, condition)
            if found not in (wanted if isinstance(wanted, list) else [wanted]):
                return False
        return True

    def assign(self, fraction: Callable[[str], float]) -> Assignment:
        """A value for every axis that exists, each at the `fraction` in [0, 1) given for its path."""
        chosen: Assignment = {}
        for path in self.order:
            if self.exists(path, chosen):
                chosen[path] = self.axes[path].at(fraction(path))
        return self.as_written(chosen)

    def as_written(self, chosen: Assignment) -> Assignment:
        """The same assignment in the order in which the spec writes its axes."""
        return {path: chosen[path] for path in self.axes if path in chosen}

    def without(self, path: str) -> "Space":
        """The space less one axis."""
        return Space({other: axis for other, axis in self.axes.items() if other != path}, self._setting)

    @cached_property
    def _sorted(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        waiting = {path: set(self.looks_at(path)) for path in self.axes}
        done: dict[str, None] = {}
        while ready := next((p for p in waiting if p not in done and waiting[p] <= done.keys()), None):
            done[ready] = None
        return tuple(done), tuple(path for path in self.axes if path not in done)


def overlap(path: str, other: str) -> bool:
    """Whether one dotted path is the other or lies inside it."""
    return path == other or path.startswith(f"{other}.") or other.startswith(f"{path}.")
