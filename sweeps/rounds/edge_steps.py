"""Which values of a cell to try next in search of its edge: a pure function of how the earlier ones ended."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from sweeps.analysis.edges import BREAKING, Crossing, find_crossing
from sweeps.analysis.points import LrPoint, tally_outcomes
from sweeps.search import Narrowing
from sweeps.search.scale import Number
from trainers.record import OutcomeName

CHECK_DISTANCE = 2.0
"""Resolutions from an edge at which its neighbourhood is looked at, to notice one that is crossed twice."""

CHECKED_WITHIN = 3.0
"""A value that was tried this many resolutions away or nearer makes that look needless."""

SHOULDER_POINTS = 3
"""Values on each side of an edge that may get all their seeds, so that the curve has a start and an end."""

Outcomes = Mapping[Number, Sequence[OutcomeName]]
"""What became of the trials of every value tried."""


class EdgeSteps:
    """The steps of one cell; `is_reversed` when training is stable above the edge."""

    def __init__(self, narrowing: Narrowing, num_seeds: int, is_reversed: bool = False) -> None:
        self._narrowing = narrowing
        self._scale = narrowing.scale
        self._num_seeds = num_seeds
        self._is_reversed = is_reversed

    def next_values(self, outcomes: Outcomes) -> dict[Number, int]:
        """How many more trials to train of which values; none when nothing is left to find out."""
        if not outcomes:
            return dict.fromkeys(self._narrowing.scan, 1)
        by_place = {self._place(value): value for value in outcomes}
        points = [_point(place, outcomes[by_place[place]]) for place in sorted(by_place)]
        found = find_crossing(points)
        doubtful = _doubtful(found)
        if found.status == "uncertain" and (missing := self._missing(doubtful, by_place)):
            return missing
        room = max(self._narrowing.most_values - len(outcomes), 0)
        if inside := self._inside(found, points, by_place)[:room]:
            return dict.fromkeys(inside, 1)
        checks = dict.fromkeys(self._checks(found, points, by_place)[:room], 1)
        return checks | self._missing(doubtful, by_place) or self._shoulders(found, by_place)

    def _place(self, value: Number) -> float:
        """Where a value lies, from the stable side on."""
        distance = self._scale.distance(self._scale.lo, value)
        return -distance if self._is_reversed else distance

    def _inside(
        self, found: Crossing, points: Sequence[LrPoint], by_place: Mapping[float, Number]
    ) -> list[Number]:
        """New values in every gap that may hold an edge and is wider than the resolution."""
        values: dict[Number, None] = {}
        for start, stop in _open_gaps(found, points, len(points) <= len(self._narrowing.scan)):
            low, high = sorted((by_place[start.lr], by_place[stop.lr]))
            if not self._scale.within(low, high, self._narrowing.resolution):
                values |= dict.fromkeys(self._new_between(low, high, by_place))
        return list(values)

    def _new_between(self, low: Number, high: Number, by_place: Mapping[float, Number]) -> list[Number]:
        """Values that were not tried; between two such may lie one whose trials failed."""
        num_values = self._narrowing.values_per_round
        for more in range(2):
            inner = self._scale.between(low, high, num_values + more)
            if new := [value for value in inner if value not in by_place.values()]:
                return new
        return []

    def _checks(
        self, found: Crossing, points: Sequence[LrPoint], by_place: Mapping[float, Number]
    ) -> list[Number]:
        """New values on both sides of what was found, where the next one tried is far."""
        if found.lower is None or found.broken is None:
            return []
        ends = [(found.lower.lr, -1), ((found.upper or found.broken).lr, 1)]
        values = []
        for place, side in ends:
            beyond = [abs(point.lr - place) for point in points if (point.lr - place) * side > 0]
            if beyond and min(beyond) > CHECKED_WITHIN * self._narrowing.resolution:
                towards = -side if self._is_reversed else side
                distance = towards * CHECK_DISTANCE * self._narrowing.resolution
                values.append(self._scale.at(by_place[place], distance))
        return [value for value in values if value not in by_place.values()]

    def _shoulders(self, found: Crossing, by_place: Mapping[float, Number]) -> dict[Number, int]:
        """The missing seeds of the nearest values that are to show P(stable) near 1 below, near 0 above."""
        if found.lower is None or found.broken is None:
            return {}
        middle = found.judged.index(found.broken)
        sides = [(found.judged[:middle][::-1], 1.0), (found.judged[middle:], 0.0)]
        wanted: dict[Number, int] = {}
        for side, settled in sides:
            near = side[:SHOULDER_POINTS]
            if not any(self._is_settled(point, settled) for point in near):
                wanted |= self._missing(near, by_place)
        return wanted

    def _is_settled(self, point: LrPoint, p_stable: float) -> bool:
        return self._num_missing(point) == 0 and point.tally.p_stable == p_stable

    def _missing(self, points: Sequence[LrPoint], by_place: Mapping[float, Number]) -> dict[Number, int]:
        """The seeds that points have not been trained with yet."""
        return {
            by_place[point.lr]: num_missing for point in points if (num_missing := self._num_missing(point))
        }

    def _num_missing(self, point: LrPoint) -> int:
        return max(self._num_seeds - point.tally.num_trials - point.tally.num_failed, 0)


def _point(place: float, outcomes: Sequence[OutcomeName]) -> LrPoint:
    return LrPoint(place, tally_outcomes(outcomes), None, None, None)


def _doubtful(found: Crossing) -> list[LrPoint]:
    """The points that the finding rests on: the ends of the crossing and all between them."""
    if found.lower is not None and found.broken is not None:
        start = found.judged.index(found.lower)
        stop = len(found.judged) if found.upper is None else found.judged.index(found.upper) + 1
        return list(found.judged[start:stop])
    if found.status == "above_range":
        return list(found.judged[-1:])
    return list(found.judged[:1])


def _open_gaps(
    found: Crossing, points: Sequence[LrPoint], is_scan: bool
) -> Iterator[tuple[LrPoint, LrPoint]]:
    """Neighbours between which an edge lies; where nothing is stable, those that may hide what is."""
    if found.lower is not None and found.broken is not None:
        yield found.lower, found.broken
        if found.last_stable is not None and found.upper is not None:
            yield found.last_stable, found.upper
    elif found.status == "none_stable":
        known = [point for point in points if point.tally.num_trials]
        breaking = [point.tally.majority in BREAKING for point in known]
        if True in breaking:
            first = breaking.index(True)
            yield known[first - 1], known[first]
        elif is_scan:
            yield from pairwise(known)
