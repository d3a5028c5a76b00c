"""Every combination of the axes' points."""

from collections.abc import Iterator
from math import prod
from typing import Literal

from sweeps.search.base import Search
from sweeps.search.domains import Listed
from sweeps.search.space import Assignment, Space


class GridSearch(Search):
    """Every combination of the axes' points, the last axis changing fastest."""

    kind: Literal["grid"] = "grid"

    def needs_points(self, path: str) -> bool:
        """Every axis does."""
        return True

    def count(self, space: Space, stop_at: int) -> int:
        """Product of the axes' sizes, less the combinations in which a conditional axis does not exist."""
        bound = prod(axis.size or 1 for axis in space.axes.values())
        if not space.conditions:
            return bound
        exact = self._count(space, 0, {}, stop_at)
        return exact if exact <= stop_at else bound

    def draw(self, space: Space, seed: int) -> Iterator[Assignment]:
        """The combinations in axis order; the seed changes nothing."""
        return (space.as_written(chosen) for chosen in self._expand(space, 0, {}))

    def _count(self, space: Space, depth: int, chosen: Assignment, stop_at: int) -> int:
        if depth == len(space.order):
            return 1
        path = space.order[depth]
        axis = space.axes[path]
        if not space.exists(path, chosen):
            return self._count(space, depth + 1, chosen, stop_at)
        if path not in space.conditions or not isinstance(axis, Listed):
            return (axis.size or 1) * self._count(space, depth + 1, chosen, stop_at)
        total = 0
        for index in range(axis.size):
            total += self._count(space, depth + 1, chosen | {path: axis.point(index)}, stop_at)
            if total > stop_at:
                break
        return total

    def _expand(self, space: Space, depth: int, chosen: Assignment) -> Iterator[Assignment]:
        if depth == len(space.order):
            yield chosen
            return
        path = space.order[depth]
        axis = space.axes[path]
        if not isinstance(axis, Listed) or not space.exists(path, chosen):
            yield from self._expand(space, depth + 1, chosen)
            return
        for index in range(axis.size):
            yield from self._expand(space, depth + 1, chosen | {path: axis.point(index)})
