"""The number line of an axis between two ends: in factors or in differences, of all numbers or whole ones."""

import math
from dataclasses import dataclass

from sweeps.search.domains import Domain, Grid, IntUniform, LogGrid, LogUniform, Uniform
from sweeps.search.numbers import plain, tidy

ROUNDING = 1e-9
"""Relative; two values that differ by less are written as the same number."""

Number = int | float


@dataclass(frozen=True)
class Scale:
    """From `lo` to `hi`, both included; distances are ln of factors when `is_log`, else differences."""

    lo: float
    hi: float
    is_log: bool
    is_whole: bool

    @classmethod
    def of(cls, domain: Domain) -> "Scale | None":
        """The scale of a range or of a grid's ends; None where the domain has no ends."""
        if isinstance(domain, IntUniform):
            return cls(*domain.int_uniform, is_log=False, is_whole=True)
        if isinstance(domain, LogGrid):
            return cls(*domain.log_grid[:2], is_log=True, is_whole=False)
        if isinstance(domain, LogUniform):
            return cls(*domain.log_uniform, is_log=True, is_whole=False)
        if isinstance(domain, Grid):
            return cls(*domain.grid[:2], is_log=False, is_whole=False)
        return cls(*domain.uniform, is_log=False, is_whole=False) if isinstance(domain, Uniform) else None

    @property
    def span(self) -> float:
        """The distance between the ends."""
        return self.distance(self.lo, self.hi)

    def distance(self, low: float, high: float) -> float:
        """From `low` up to `high`."""
        return math.log(high / low) if self.is_log else high - low

    def within(self, low: float, high: float, distance: float) -> bool:
        """Whether `high` is at most `distance` above `low`, or the next whole number."""
        return self.distance(low, high) <= distance * (1 + ROUNDING) or (self.is_whole and high - low <= 1)

    def at(self, start: float, distance: float) -> Number:
        """The value that lies `distance` above `start`, or below it when negative; never beyond the ends."""
        value = start * math.exp(distance) if self.is_log else start + distance
        return self._written(min(max(value, self.lo), self.hi))

    def between(self, low: float, high: float, num_values: int) -> list[Number]:
        """At most `num_values` values strictly between two, dividing what lies between them evenly."""
        step = self.distance(low, high) / (num_values + 1)
        values = {self.at(low, step * index) for index in range(1, num_values + 1)}
        return sorted(value for value in values if low < value < high)

    def spread(self, num_values: int) -> list[Number]:
        """Values from end to end, both included; fewer where there are not so many whole numbers."""
        ends = {self._written(self.lo), self._written(self.hi)}
        return sorted(ends.union(self.between(self.lo, self.hi, max(num_values - 2, 0))))

    def _written(self, value: float) -> Number:
        return round(value) if self.is_whole else plain(tidy(value))
