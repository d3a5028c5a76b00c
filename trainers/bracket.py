"""Brackets: between which two values a run stops being stable, found by trying several values a round."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import log

import numpy as np


@dataclass(frozen=True)
class Bracket:
    """The edge lies between `low`, the last value below which every tried one was stable, and `high`.

    `low` is 0 when no tried value was stable, `high` infinite when all were.
    """

    low: float
    high: float

    @property
    def width(self) -> float:
        """ln(high / low): the relative uncertainty of the edge; infinite while one side is open."""
        is_closed = self.low > 0 and self.high < float("inf")
        return log(self.high / self.low) if is_closed else float("inf")

    @property
    def middle(self) -> float:
        """The geometric middle of a closed bracket."""
        return float(np.sqrt(self.low * self.high))


def first_crossing(values: Sequence[float], stable: Sequence[bool]) -> Bracket:
    """The bracket of the first unstable value of ascending `values`; stable ones beyond it do not count.

    >>> first_crossing([1.0, 2.0, 4.0, 8.0], [True, True, False, True])
    Bracket(low=2.0, high=4.0)
    """
    for index, is_stable in enumerate(stable):
        if not is_stable:
            return Bracket(values[index - 1] if index else 0.0, values[index])
    return Bracket(values[-1] if values else 0.0, float("inf"))


def find_edge(
    are_stable: Callable[[Sequence[float]], Sequence[bool]],
    low: float,
    high: float,
    *,
    num_points: int,
    resolution: float,
) -> Bracket:
    """Narrow the edge between `low` and `high` until ln(high/low) is at most `resolution`.

    `are_stable` tries `num_points` ascending values at once, as a pack does. The bracket stays open on the
    side where [low, high] does not contain the edge.
    """
    bracket = first_crossing(*_try(are_stable, np.geomspace(low, high, num_points)))
    while resolution < bracket.width < float("inf"):
        inner = np.geomspace(bracket.low, bracket.high, num_points + 2)[1:-1]
        values, stable = _try(are_stable, inner)
        bracket = first_crossing([bracket.low, *values, bracket.high], [True, *stable, False])
    return bracket


def _try(
    are_stable: Callable[[Sequence[float]], Sequence[bool]], points: np.ndarray
) -> tuple[list[float], list[bool]]:
    values = [float(point) for point in points]
    return values, list(are_stable(values))
