"""The edge of each row of a map, from the outcomes so far."""

from collections.abc import Mapping
from functools import lru_cache

from service.maps.layout import MapLayout
from sweeps.analysis.axis_edges import AxisEdge, edge_along
from sweeps.analysis.edge_axis import EdgeAxis
from sweeps.analysis.edges import Edge, find_edge
from sweeps.analysis.points import LrPoint, tally_outcomes
from trainers.record import OutcomeName

Point = tuple[float, tuple[OutcomeName, ...]]
"""A learning rate, or a value of the axis with the edges, and how its trials ended, sorted."""


def row_edges(
    layout: MapLayout,
    values: Mapping[int, float],
    outcomes: Mapping[int, OutcomeName],
    axis: EdgeAxis | None = None,
) -> list[Edge | AxisEdge | None]:
    """One edge a row; None where columns are not what edges lie along, or nothing of the row has ended.

    `values` are learning rates, or where an edge search looked along another `axis` that axis' values. A row
    of one cell has that cell's edge; a row of several has that of their mixture.
    """
    if not layout.has_edges:
        return [None] * len(layout.rows)
    found: list[dict[float, list[OutcomeName]]] = [{} for _ in layout.rows]
    for number, outcome in outcomes.items():
        place = layout.places.get(number)
        if place is not None and number in values:
            found[place // layout.num_columns].setdefault(values[number], []).append(outcome)
    return [
        _edge(tuple((value, tuple(sorted(points[value]))) for value in sorted(points)), row.num_steps, axis)
        if points
        else None
        for row, points in zip(layout.rows, found, strict=True)
    ]


@lru_cache(maxsize=4096)
def _edge(points: tuple[Point, ...], num_steps: int, axis: EdgeAxis | None) -> Edge | AxisEdge:
    """Remembered, since most rows stay as they were between two looks at a running sweep."""
    if axis is not None:
        return edge_along(axis, dict(points), num_steps)
    tallies = [
        LrPoint(lr, tally_outcomes(outcomes), objective=None, objective_lo=None, objective_hi=None)
        for lr, outcomes in points
    ]
    return find_edge(tallies, num_steps)
