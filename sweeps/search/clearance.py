"""How far configurations lie from those that were not stable, as far as that was tried."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from sweeps.search.domains import Domain, Values
from sweeps.search.scale import Scale
from sweeps.search.space import Assignment

WHOLE_RANGE = 1.0
"""The largest clearance: a whole range away, or nothing was unstable."""

ABSENT = -1.0
"""The place of an axis that does not exist in a configuration: a whole range or more from every other."""


def clearances(
    axes: Mapping[str, Domain], assignments: Sequence[Assignment], is_stable: Sequence[bool]
) -> list[float]:
    """The clearance of each configuration: its distance from the nearest that was not stable, from 0 to 1.

    The distance of two is the largest difference along any axis, as a share of the axis' range (of its
    logarithm where the axis is logarithmic). Listed values, and an axis that only one of the two has, are
    the same or a whole range apart. Unstable configurations have clearance 0; where none is, all have 1. What
    was not tried is not known: more trials can only make a clearance smaller.
    """
    places = np.array([_places(axes, assignment) for assignment in assignments], dtype=np.float64)  # (N, A)
    places = places.reshape(len(assignments), len(axes))
    unstable = places[~np.asarray(is_stable, dtype=bool)]  # (U, A)
    return [_nearest(place, unstable) for place in places]


def _nearest(place: np.ndarray, unstable: np.ndarray) -> float:
    distances = np.abs(unstable - place).max(axis=1, initial=0.0)  # (U,)
    return float(distances.min(initial=WHOLE_RANGE))


def _places(axes: Mapping[str, Domain], assignment: Assignment) -> list[float]:
    return [_place(axis, assignment[path]) if path in assignment else ABSENT for path, axis in axes.items()]


def _place(axis: Domain, value: Any) -> float:
    """Where a value lies in the range of its axis, from 0 to 1; the number of a listed one."""
    if isinstance(axis, Values):
        return float(axis.values.index(value))
    scale = Scale.of(axis)
    assert scale is not None
    return scale.distance(scale.lo, value) / scale.span if scale.span else 0.0
