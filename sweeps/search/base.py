"""The form of a search: how configurations are chosen from a space before anything is trained."""

from abc import abstractmethod
from collections.abc import Iterator
from typing import ClassVar

from sweeps.search.space import Assignment, Space
from trainers.kinds import Kind


class Search(Kind):
    """Base of search configs; a search is a pure function of the space and the sweep's seed."""

    needs_points: ClassVar[bool] = False
    """Whether every axis must list its points, so that a range cannot be one."""

    @abstractmethod
    def count(self, space: Space, stop_at: int) -> int:
        """Configurations that `draw` gives, duplicates included; counted, never expanded.

        Exact up to `stop_at`, an upper bound above it.
        """

    @abstractmethod
    def draw(self, space: Space, seed: int) -> Iterator[Assignment]:
        """The configurations, always in the same order for the same space and seed."""
