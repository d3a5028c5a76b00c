"""Where an axis takes its values from: six domains, each written as one key of a mapping."""

import math
from abc import abstractmethod
from typing import Annotated, Any, ClassVar

from pydantic import Discriminator, Field, JsonValue, Tag, field_validator

from sweeps.search.numbers import MAX_EXACT_INT, tidy
from trainers.kinds import Frozen

LAST_FRACTION = math.nextafter(1.0, 0.0)
Count = Annotated[int, Field(ge=1)]


class Domain(Frozen):
    """Base of domains. `when` names the settings under which the axis exists; a list means any of them."""

    key: ClassVar[str]
    """The mapping key that says which domain this is."""

    when: dict[str, JsonValue] = Field(
        default_factory=dict,
        description="the axis exists only where these settings hold: dotted path to value, or to values",
    )

    @property
    def size(self) -> int | None:
        """Number of points that a grid search tries; None for a range, which can only be drawn from."""
        return None

    @abstractmethod
    def at(self, fraction: float) -> Any:
        """The value at `fraction` in [0, 1) of the way through the domain."""

    def probes(self) -> tuple[Any, ...]:
        """Values that show whether the domain fits its axis: both ends and the middle."""
        return self.at(0.0), self.at(LAST_FRACTION), self.at(0.5)


class Listed(Domain):
    """A domain whose points are counted from 0 to `size` - 1."""

    @property
    @abstractmethod
    def size(self) -> int:
        """Number of points."""

    @abstractmethod
    def point(self, index: int) -> Any:
        """Point `index`, in order."""

    def at(self, fraction: float) -> Any:
        """The point that `fraction` falls on; all points are equally likely."""
        return self.point(min(int(fraction * self.size), self.size - 1))

    def probes(self) -> tuple[Any, ...]:
        """Both ends, the middle, and the point after the lower end, where a step that is not whole shows."""
        indices = sorted({0, min(1, self.size - 1), self.size // 2, self.size - 1})
        return tuple(self.point(index) for index in indices)


class Values(Listed):
    """The values as listed: numbers, words, or whole kinds such as `{kind: global_norm, max_norm: 1.0}`."""

    key: ClassVar[str] = "values"
    values: tuple[JsonValue, ...] = Field(min_length=1, description="the values, in order")

    @property
    def size(self) -> int:
        """Number of values."""
        return len(self.values)

    def point(self, index: int) -> Any:
        """Value `index`."""
        return self.values[index]

    def probes(self) -> tuple[Any, ...]:
        """Every value."""
        return self.values


class Grid(Listed):
    """n evenly spaced numbers from lo to hi, both included."""

    key: ClassVar[str] = "grid"
    grid: tuple[float, float, Count] = Field(description="[lo, hi, n] with lo ≤ hi")

    @field_validator("grid")
    @classmethod
    def _ordered(cls, grid: tuple[float, float, int]) -> tuple[float, float, int]:
        return _checked_grid(grid)

    @property
    def size(self) -> int:
        """n."""
        return self.grid[2]

    def point(self, index: int) -> float:
        """lo + (hi - lo)·index/(n - 1)."""
        lo, hi, num_points = self.grid
        return _between(lo, hi, index / max(num_points - 1, 1))


class LogGrid(Listed):
    """n numbers from lo to hi, both included, each the same factor above the one before."""

    key: ClassVar[str] = "log_grid"
    log_grid: tuple[float, float, Count] = Field(description="[lo, hi, n] with 0 < lo ≤ hi")

    @field_validator("log_grid")
    @classmethod
    def _ordered(cls, grid: tuple[float, float, int]) -> tuple[float, float, int]:
        _check_positive(grid[0])
        return _checked_grid(grid)

    @property
    def size(self) -> int:
        """n."""
        return self.log_grid[2]

    def point(self, index: int) -> float:
        """lo·(hi/lo)^(index/(n - 1))."""
        lo, hi, num_points = self.log_grid
        return _log_between(lo, hi, index / max(num_points - 1, 1))


class Uniform(Domain):
    """A number drawn evenly between lo and hi."""

    key: ClassVar[str] = "uniform"
    uniform: tuple[float, float] = Field(description="[lo, hi] with lo ≤ hi")

    @field_validator("uniform")
    @classmethod
    def _ordered(cls, bounds: tuple[float, float]) -> tuple[float, float]:
        _check_order(*bounds)
        return bounds

    def at(self, fraction: float) -> float:
        """lo + (hi - lo)·fraction."""
        return _between(*self.uniform, fraction)


class LogUniform(Domain):
    """A number whose logarithm is drawn evenly between those of lo and hi."""

    key: ClassVar[str] = "log_uniform"
    log_uniform: tuple[float, float] = Field(description="[lo, hi] with 0 < lo ≤ hi")

    @field_validator("log_uniform")
    @classmethod
    def _ordered(cls, bounds: tuple[float, float]) -> tuple[float, float]:
        _check_positive(bounds[0])
        _check_order(*bounds)
        return bounds

    def at(self, fraction: float) -> float:
        """lo·(hi/lo)^fraction."""
        return _log_between(*self.log_uniform, fraction)


class IntUniform(Domain):
    """A whole number drawn evenly from lo to hi, both included."""

    key: ClassVar[str] = "int_uniform"
    int_uniform: tuple[int, int] = Field(description="[lo, hi], whole numbers with lo ≤ hi")

    @field_validator("int_uniform")
    @classmethod
    def _ordered(cls, bounds: tuple[int, int]) -> tuple[int, int]:
        if max(abs(bound) for bound in bounds) > MAX_EXACT_INT:
            raise ValueError("whole numbers between -2**53 and 2**53")
        _check_order(*bounds)
        return bounds

    def at(self, fraction: float) -> int:
        """The whole number that `fraction` falls on."""
        lo, hi = self.int_uniform
        return min(lo + int(fraction * (hi - lo + 1)), hi)


DOMAINS: tuple[type[Domain], ...] = (Values, Grid, LogGrid, Uniform, LogUniform, IntUniform)
DOMAIN_KEYS: tuple[str, ...] = tuple(domain.key for domain in DOMAINS)


def domain_key(axis: Any) -> str | None:
    """The one domain key of an axis, parsed or not; None when it has none or more than one."""
    if isinstance(axis, Domain):
        return axis.key
    found = [key for key in DOMAIN_KEYS if isinstance(axis, dict) and key in axis]
    return found[0] if len(found) == 1 else None


Axis = Annotated[
    Annotated[Values, Tag("values")]
    | Annotated[Grid, Tag("grid")]
    | Annotated[LogGrid, Tag("log_grid")]
    | Annotated[Uniform, Tag("uniform")]
    | Annotated[LogUniform, Tag("log_uniform")]
    | Annotated[IntUniform, Tag("int_uniform")],
    Discriminator(domain_key),
]


def _between(lo: float, hi: float, fraction: float) -> float:
    return tidy(min(max(lo * (1 - fraction) + hi * fraction, lo), hi))


def _log_between(lo: float, hi: float, fraction: float) -> float:
    exponent = math.log(lo) * (1 - fraction) + math.log(hi) * fraction
    return tidy(min(max(math.exp(min(exponent, math.log(hi))), lo), hi))


def _check_order(lo: float, hi: float) -> None:
    if lo > hi:
        raise ValueError("lo ≤ hi")


def _check_positive(lo: float) -> None:
    if lo <= 0:
        raise ValueError("lo > 0, since a logarithm needs positive numbers")


def _checked_grid(grid: tuple[float, float, int]) -> tuple[float, float, int]:
    lo, hi, num_points = grid
    _check_order(lo, hi)
    if lo < hi and num_points == 1:
        raise ValueError("n ≥ 2, to reach from lo to hi")
    return grid
