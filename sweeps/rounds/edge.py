"""One cell of an edge search: scan, narrow, make sure."""

from collections.abc import Sequence

from sweeps.rounds.base import Answered, Ask, Strand
from sweeps.rounds.edge_steps import EdgeSteps
from sweeps.search import Assignment, EdgeSearch, Space
from sweeps.search.scale import Number
from trainers.record import OutcomeName


class EdgeStrand(Strand):
    """The rounds of one cell.

    First values from end to end with one seed each. Then, for as long as the crossing is wider than asked
    for, values inside it, again with one seed. Then the remaining seeds of the values beside the crossing,
    and values nearby that were not tried. If any of that moves the crossing, it is narrowed again.
    """

    def __init__(self, space: Space, search: EdgeSearch, cell: Assignment, num_seeds: int) -> None:
        self._space = space
        self._axis = search.axis
        self._cell = cell
        self._steps = EdgeSteps(search.narrowing(space.axes), num_seeds, search.stable == "above")

    def next_round(self, answered: Sequence[Answered], pending: Sequence[Ask]) -> Sequence[Ask]:
        """See the class."""
        positions: dict[Number, int] = {}
        outcomes: dict[Number, list[OutcomeName]] = {}
        for entry in answered:
            value = entry.ask.assignment[self._axis]
            positions[value] = entry.ask.position
            outcomes.setdefault(value, []).extend(result.outcome for result in entry.results)
        asks = []
        for value, num_more in self._steps.next_values(outcomes).items():
            position = positions.setdefault(value, len(positions))
            num_known = len(outcomes.get(value, ()))
            assignment = self._space.as_written({**self._cell, self._axis: value})
            asks.append(Ask(position, assignment, tuple(range(num_known, num_known + num_more))))
        return asks
