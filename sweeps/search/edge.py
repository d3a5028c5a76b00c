"""The largest stable value of one axis in every cell, found round by round."""

import math
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Annotated, Literal

from pydantic import Field

from sweeps.search.base import AdaptiveSearch
from sweeps.search.domains import Domain
from sweeps.search.grid import GridSearch
from sweeps.search.random import RandomSearch
from sweeps.search.scale import Number, Scale
from sweeps.search.sobol import SobolSearch
from sweeps.search.space import Assignment, Space

DEFAULT_FACTOR = 1.1
"""Resolution on logarithmic axes: 10 %, about what seeds move an edge by anyway."""

DEFAULT_SHARE = 0.01
"""Resolution on linear axes, as a share of the range."""

SCAN_FACTOR = 10.0
"""The first round tries a value a decade on logarithmic axes: closer ones are left to narrowing."""

FEWEST_SCANNED = 6
"""Values of the first round at least, so that an edge that is crossed twice is likely to be noticed."""

CHECKS = 4
"""Values that are tried near an edge once it is found."""


class EdgeSearch(AdaptiveSearch):
    """For every cell, the largest stable learning rate, or any other axis' last stable value."""

    kind: Literal["edge"] = "edge"
    axis: str = Field("optimizer.lr", description="the axis with the edge: a range, or a grid's ends")
    resolution: float | None = Field(
        None,
        gt=0,
        description="how close the two ends of an edge must come: a factor above 1 on logarithmic axes, a "
        "difference on linear ones; None is 1.1, and a hundredth of the range",
    )
    stable: Literal["below", "above"] = Field(
        "below", description="on which side of the edge training is stable"
    )
    values_per_round: int = Field(
        2, ge=1, le=64, description="values tried at once between the ends of an edge; more need fewer rounds"
    )
    cells: Annotated[GridSearch | RandomSearch | SobolSearch, Field(discriminator="kind")] = Field(
        GridSearch(), description="how the other axes are chosen: each choice is a cell"
    )

    def needs_points(self, path: str) -> bool:
        """As the choice of cells does, but for the axis with the edge, of which only the ends count."""
        return path != self.axis and self.cells.needs_points(path)

    def count(self, space: Space, stop_at: int) -> int:
        """The most that can be tried: cells times values in each."""
        return self.cells.count(self.cell_space(space), stop_at) * self.narrowing(space.axes).most_values

    def draw(self, space: Space, seed: int) -> Iterator[Assignment]:
        """The first round: the scan of every cell."""
        cells = list(self.cells.draw(self.cell_space(space), seed))
        for value in self.narrowing(space.axes).scan:
            yield from (space.as_written({**cell, self.axis: value}) for cell in cells)

    def cell_space(self, space: Space) -> Space:
        """The space less the axis with the edge."""
        return space.without(self.axis)

    def narrowing(self, axes: Mapping[str, Domain]) -> "Narrowing":
        """How the edge is closed in on; the axis must have a scale."""
        scale = Scale.of(axes[self.axis])
        if scale is None:
            raise ValueError(f"axis {self.axis} has no ends")
        return Narrowing(scale, self.distance(scale), self.values_per_round)

    def distance(self, scale: Scale) -> float:
        """The resolution as a distance on the axis' scale."""
        if scale.is_log:
            return math.log(self.resolution or DEFAULT_FACTOR)
        return self.resolution or scale.span * DEFAULT_SHARE or 1.0


class Narrowing:
    """What follows from an axis and a resolution before anything is trained."""

    def __init__(self, scale: Scale, resolution: float, values_per_round: int) -> None:
        self.scale = scale
        self.resolution = resolution
        self.values_per_round = values_per_round

    @cached_property
    def scan(self) -> list[Number]:
        """Values of the first round, both ends included."""
        decades = self.scale.span / math.log(SCAN_FACTOR) if self.scale.is_log else 0.0
        return self.scale.spread(max(FEWEST_SCANNED, math.ceil(decades - 1e-9) + 1))

    @property
    def num_rounds(self) -> int:
        """Rounds that bring two neighbours of the scan within the resolution of each other."""
        gap = self.scale.span / max(len(self.scan) - 1, 1)
        if gap <= self.resolution:
            return 0
        return math.ceil(math.log(gap / self.resolution) / math.log(self.values_per_round + 1) - 1e-9)

    def usual_trials(self, num_seeds: int) -> int:
        """Trials that a cell with one edge inside the range takes: most values get one seed, a few all."""
        num_values = len(self.scan) + self.values_per_round * self.num_rounds + CHECKS // 2
        return num_values + CHECKS * (num_seeds - 1)

    @property
    def most_values(self) -> int:
        """Values that a cell may take, whatever its trials do: enough for a second edge, and a third scan."""
        return 2 * (len(self.scan) + self.values_per_round * self.num_rounds + CHECKS)
