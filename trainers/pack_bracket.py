"""The bracket of a pack: runs that wait at a rung until all of the pack's trials are there."""

from collections import deque
from collections.abc import Callable

from trainers.checkpoint import State
from trainers.loop import StackRun
from trainers.record import TrialRecord
from trainers.rungs import Rungs


class Bracket:
    """Which runs have come to the next rung, which wait to go on from the last, and who may.

    Trials that ended by themselves take up no place on a rung, but they count among those that entered it: a
    pack of which half exploded keeps no more trials than one of which none did. Without rungs nothing stops.
    """

    def __init__(self, rungs: Rungs | None, num_trials: int) -> None:
        self.resting: deque[StackRun] = deque()
        self.standing: TrialRecord | None = None
        self._parked: list[StackRun] = []
        self._rungs = rungs
        self._num_passed = 0
        self._num_entered = num_trials if rungs is None else rungs.num_entered or num_trials

    @property
    def runs(self) -> list[StackRun]:
        """Every run that is not being trained right now."""
        return [*self._parked, *self.resting]

    @property
    def next_step(self) -> int | None:
        """How many steps to make until the next rung; None when there is none."""
        return None if self._rungs is None else self._rungs.next_after(self._num_passed)

    def stops(self, run: StackRun) -> bool:
        """Whether a run has come to the rung, where it waits from now on."""
        if run.step != self.next_step:
            return False
        self._parked.append(run)
        return True

    def pass_rung(self) -> list[TrialRecord]:
        """All are there: the best go on, the records of the others are returned."""
        assert self._rungs is not None
        places = [(run, row, record) for run in self._parked for row, record in enumerate(run.standing())]
        order = self._rungs.rank([record for _, _, record in places])
        num_kept = self._rungs.num_kept(self._num_entered)
        stopped = [places[index] for index in sorted(order[num_kept:])]
        for run in self._parked:
            if rows := [row for other, row, _ in stopped if other is run]:
                run.drop(rows)
        self.standing = places[0][2] if self._rungs.factor is None else None
        self.resting.extend(run for run in self._parked if not run.finished)
        self._parked = []
        self._num_passed, self._num_entered = self._num_passed + 1, num_kept
        return [record for _, _, record in stopped]

    def state(self) -> State:
        """What `load` needs to go on."""
        return {
            "passed": self._num_passed,
            "entered": self._num_entered,
            "parked": [run.state() for run in self._parked],
            "resting": [run.state() for run in self.resting],
        }

    def load(self, state: State, resumed: Callable[[State], StackRun]) -> None:
        """Go on where `state` was taken."""
        self._num_passed, self._num_entered = state["passed"], state["entered"]
        self._parked = [resumed(run) for run in state["parked"]]
        self.resting = deque(resumed(run) for run in state["resting"])
