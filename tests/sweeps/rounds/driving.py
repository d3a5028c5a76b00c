"""Drives an adaptive search to its end without Ray: trials end as a function says, in any order."""

import random
from collections.abc import Callable, Iterable, Sequence

from sweeps.plan import Plan, PlannedTrial
from sweeps.rounds import Course, Result
from trainers.pack import PackRun, PackTrial
from trainers.record import OutcomeName, TrialRecord
from trainers.signature import static_signature

End = Callable[[PlannedTrial], OutcomeName]


def driven(plan: Plan, end: End, order: int = 0) -> tuple[Course, dict[int, Result], list[PlannedTrial]]:
    """The course at its end, what it was told, and every trial in the order in which it was planned."""
    course = plan.course()
    planned = course.start({})
    waiting, results = list(planned), {}
    shuffle = random.Random(order)
    while waiting:
        trial = waiting.pop(shuffle.randrange(len(waiting)))
        assert trial.number not in results
        results[trial.number] = Result(end(trial), 1.0)
        new = course.tell({trial.number: results[trial.number]})
        planned += new
        waiting += new
    return course, results, planned


def trained(plan: Plan) -> list[tuple[PlannedTrial, TrialRecord]]:
    """Every trial of the search, really trained, with its record."""
    course = plan.course()
    waiting, ended = course.start({}), []
    while waiting:
        records = {record.number: record for record in _records(waiting)}
        ended += [(trial, records[trial.number]) for trial in waiting]
        waiting = course.tell({number: Result.of(record, None) for number, record in records.items()})
    assert course.finished
    return ended


def _records(trials: Sequence[PlannedTrial]) -> Iterable[TrialRecord]:
    packs: dict[str, list[PackTrial]] = {}
    for trial in trials:
        packs.setdefault(static_signature(trial.config), []).append(PackTrial(trial.number, trial.config))
    for pack in packs.values():
        run = PackRun(pack)
        while not run.finished:
            yield from run.advance(60.0)
