"""Draws that spread evenly."""

from collections.abc import Iterator
from typing import ClassVar, Literal

from pydantic import Field

from sweeps.search.base import Search
from sweeps.search.space import Assignment, Space
from trainers.seeds import derive_seed


class SobolSearch(Search):
    """Scrambled Sobol points: draws that spread evenly over all axes together."""

    source: ClassVar[str] = "Owen 1998; `scipy.stats.qmc.Sobol`"
    kind: Literal["sobol"] = "sobol"
    trials: int = Field(
        ge=1, le=2**20, description="configurations to draw, best a power of two; each trains `seeds` times"
    )

    def count(self, space: Space, stop_at: int) -> int:
        """As many as asked for."""
        return self.trials

    def draw(self, space: Space, seed: int) -> Iterator[Assignment]:
        """One dimension per axis, whether or not the axis exists in that configuration."""
        for point in self._points(max(len(space.axes), 1), seed):
            yield space.assign(dict(zip(space.axes, point, strict=False)).__getitem__)

    def _points(self, num_axes: int, seed: int) -> list[list[float]]:
        # scipy.stats takes long to import, which only a Sobol search should pay for.
        from scipy.stats.qmc import Sobol

        sampler = Sobol(num_axes, scramble=True, rng=derive_seed(seed, "sobol"))
        points: list[list[float]] = sampler.random_base2((self.trials - 1).bit_length()).tolist()
        return points[: self.trials]
