"""The form of a search: how configurations are chosen from a space before anything is trained."""

from abc import abstractmethod
from collections.abc import Iterator

from sweeps.search.space import Assignment, Space
from trainers.kinds import Kind


class Search(Kind):
    """Base of search configs; a search is a pure function of the space and the sweep's seed."""

    def needs_points(self, path: str) -> bool:
        """Whether the axis at `path` must list its points, so that it cannot be a range."""
        return False

    @abstractmethod
    def count(self, space: Space, stop_at: int) -> int:
        """Configurations that `draw` gives, duplicates included; counted, never expanded.

        Exact up to `stop_at`, an upper bound above it.
        """

    @abstractmethod
    def draw(self, space: Space, seed: int) -> Iterator[Assignment]:
        """The configurations, always in the same order for the same space and seed."""


class AdaptiveSearch(Search):
    """Base of searches that choose what to train next by what has ended; see `sweeps.rounds`.

    `draw` gives the configurations that can be told beforehand, `count` the most that there can be.
    """
