"""Independent draws."""

from collections.abc import Iterator
from functools import partial
from typing import ClassVar, Literal

from pydantic import Field

from sweeps.search.base import Search
from sweeps.search.domains import LAST_FRACTION
from sweeps.search.space import Assignment, Space
from trainers.seeds import derive_seed

NUM_SEEDS = 2**63
"""Seeds are below this, so seed / NUM_SEEDS is a fraction in [0, 1)."""


class RandomSearch(Search):
    """Independent draws from every axis."""

    source: ClassVar[str] = "Bergstra & Bengio 2012, JMLR 13"
    kind: Literal["random"] = "random"
    trials: int = Field(ge=1, description="configurations to draw; each is trained `seeds` times")

    def count(self, space: Space, stop_at: int) -> int:
        """As many as asked for."""
        return self.trials

    def draw(self, space: Space, seed: int) -> Iterator[Assignment]:
        """Each value depends on the seed, the draw's number and the axis' path, and on nothing else."""
        for number in range(self.trials):
            yield space.assign(partial(_fraction, seed, number))


def _fraction(seed: int, number: int, path: str) -> float:
    return min(derive_seed(seed, "random", number, path) / NUM_SEEDS, LAST_FRACTION)
