"""The edge of each row of a map, from the outcomes so far."""

from collections.abc import Mapping
from functools import lru_cache

from service.maps.layout import MapLayout
from sweeps.analysis.edges import Edge, find_edge
from sweeps.analysis.points import LrPoint, tally_outcomes
from trainers.record import OutcomeName

Point = tuple[float, tuple[OutcomeName, ...]]
"""A learning rate, and how its trials ended, sorted."""


def row_edges(
    layout: MapLayout, lrs: Mapping[int, float], outcomes: Mapping[int, OutcomeName]
) -> list[Edge | None]:
    """One edge a row; None where columns are no learning rates, or nothing of the row has ended.

    A row of one cell has that cell's edge; a row of several has that of their mixture.
    """
    if not layout.is_over_lr:
        return [None] * len(layout.rows)
    found: list[dict[float, list[OutcomeName]]] = [{} for _ in layout.rows]
    for number, outcome in outcomes.items():
        place = layout.places.get(number)
        if place is not None:
            found[place // layout.num_columns].setdefault(lrs[number], []).append(outcome)
    return [
        _edge(tuple((lr, tuple(sorted(points[lr]))) for lr in sorted(points)), row.num_steps)
        if points
        else None
        for row, points in zip(layout.rows, found, strict=True)
    ]


@lru_cache(maxsize=4096)
def _edge(points: tuple[Point, ...], num_steps: int) -> Edge:
    """Remembered, since most rows stay as they were between two looks at a running sweep."""
    tallies = [
        LrPoint(lr, tally_outcomes(outcomes), objective=None, objective_lo=None, objective_hi=None)
        for lr, outcomes in points
    ]
    return find_edge(tallies, num_steps)
