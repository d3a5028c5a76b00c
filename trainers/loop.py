"""Training a stack from its first step to its last, in chunks of steps."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import groupby
from math import isfinite
from time import perf_counter

import numpy as np
import torch

from trainers.checkpoint import State
from trainers.diagnosis import diagnose
from trainers.outcomes.ending import Ending
from trainers.probe import Probe, make_schedule
from trainers.rates import Evaluations
from trainers.record import TrialRecord
from trainers.repetition import Repetition
from trainers.reporting import eval_steps, report_steps
from trainers.results import Ended, Steps, make_records
from trainers.stack import Stack
from trainers.statistics.curves import window_ends
from trainers.statistics.history import History
from trainers.statistics.meter import CHUNK_STEPS, ChunkStatistics

CHUNK_SECONDS = 0.2
"""A chunk of slow steps is cut shorter, so that a cancel takes effect soon."""


@dataclass
class Member:
    """What the loop knows of one member besides its row."""

    column: int
    evaluations: dict[int, dict[str, float]] = field(default_factory=dict)
    seconds: float = 0.0
    measure_seconds: float = 0.0


class StackRun:
    """One stack on its way: `advance` makes a chunk of steps and gives the records of trials that ended."""

    def __init__(self, stack: Stack, num_columns: int | None = None) -> None:
        config = stack.trials[0].config
        self.stack = stack
        self.num_steps = config.steps
        self.step = 0
        self._report_steps = report_steps(config)
        self._eval_steps = set(eval_steps(config).tolist())
        self._history = History(stack.layout, self._report_steps, num_columns or stack.num_members)
        self._members = [Member(column) for column in range(stack.num_members)]
        self._probe = Probe(stack)
        self._repetition = Repetition(stack)
        self._schedule = make_schedule(config, stack.workload, num_columns or stack.num_members)
        self._seconds_per_step = 0.0

    @property
    def finished(self) -> bool:
        """Whether no member is left."""
        return not self._members

    def advance(self, until: int | None = None) -> list[TrialRecord]:
        """Train until the next evaluation or measurement, or for a chunk; the records of those that ended.

        Makes no step beyond the first `until`.
        """
        self._measure()
        started = perf_counter()
        first_step, num_steps = self.step, self._chunk_length(until)
        with np.errstate(all="ignore"):
            self._train(num_steps)
            chunk = self.stack.meter.flush()
            endings = self._endings(first_step, chunk)
        num_done = chunk.num_steps
        self._history.add(first_step, [member.column for member in self._members], chunk)
        self.step += num_done
        if self.step - 1 in self._eval_steps:
            self._evaluate(endings)
        self._charge(perf_counter() - started, num_done)
        return self._finish(endings)

    def standing(self) -> list[TrialRecord]:
        """The record of each member as if it were stopped now, evaluated at this step; changes nothing."""
        step = self.step - 1
        evaluations = [
            {**member.evaluations, step: metrics}
            for member, metrics in zip(self._members, self._metrics(), strict=True)
        ]
        return self._records(range(len(self._members)), {}, evaluations)

    def drop(self, rows: Sequence[int]) -> None:
        """Let members go; the others train on."""
        self._leave(rows)

    def state(self) -> State:
        """Everything that the rest of the run depends on."""
        return {
            "numbers": [trial.number for trial in self.stack.trials],
            "step": self.step,
            "members": [asdict(member) for member in self._members],
            "columns": self._history.num_members,
            "history": self._history.state(),
            "measured": None if self._schedule is None else self._schedule.state(),
            "stack": self.stack.state(),
        }

    @classmethod
    def resumed(cls, stack: Stack, state: State) -> "StackRun":
        """A run that goes on where `state` was taken; `stack` holds the trials that were left."""
        run = cls(stack, num_columns=state["columns"])
        run.step = state["step"]
        run._members = [Member(**member) for member in state["members"]]
        run._history.load(state["history"])
        if run._schedule is not None:
            run._schedule.load(state["measured"])
        stack.load(state["stack"])
        return run

    def _chunk_length(self, until: int | None) -> int:
        wanted = CHUNK_STEPS
        if self._seconds_per_step:
            wanted = max(1, min(wanted, int(CHUNK_SECONDS / self._seconds_per_step)))
        stop = min(step for step in self._eval_steps if step >= self.step) + 1
        if self._schedule is not None:
            stop = min(stop, self._schedule.next_after(self.step))
        stop = stop if until is None else min(stop, until)
        return self.stack.batches.longest_chunk(min(wanted, stop - self.step))

    def _measure(self) -> None:
        """Measure when it is time; what that costs is told, and does not shorten the chunks."""
        if self._schedule is None or not self._schedule.is_due(self.step):
            return
        started = perf_counter()
        values = self._probe.measure(self.step)
        self._schedule.add(self.step, [member.column for member in self._members], values)
        seconds = (perf_counter() - started) / len(self._members)
        for member in self._members:
            member.measure_seconds += seconds
            member.seconds += seconds

    def _train(self, num_steps: int) -> None:
        stack = self.stack
        batches = stack.batches.chunk(self.step, num_steps)
        rates = stack.rates.chunk(self.step, num_steps)
        stack.meter.start(num_steps)
        for index in range(num_steps):
            step = self.step + index
            if not self._repetition.make(batches, index, rates[index], step, self.num_steps - step - 1):
                break

    def _endings(self, first_step: int, chunk: ChunkStatistics) -> dict[int, Ending]:
        stops = self.stack.meter.stopped()
        endings = {
            row: Ending("diverged", first_step + stop.index) for row, stop in stops.items() if not stop.broke
        }
        broken = sorted((stop.index, row) for row, stop in stops.items() if stop.broke)
        for index, group in groupby(broken, key=lambda pair: pair[0]):
            step, rows = first_step + index, [row for _, row in group]
            places = diagnose(self.stack, step, rows, chunk.steps.loss[index], chunk.tensor_norms[index])
            losses, norms = chunk.steps.loss[index], chunk.steps.grad_norm[index]
            for row in rows:
                scale = self._scale_at_its_floor(row, float(losses[row]), float(norms[row]))
                endings[row] = Ending("exploded", step, *places[row], loss_scale=scale)
        return endings

    def _scale_at_its_floor(self, row: int, loss: float, grad_norm: float) -> float | None:
        """The loss scale of a member whose gradient overflowed while its loss was finite, in float16."""
        scale = self.stack.loss_scale
        if scale is None or not isfinite(loss) or isfinite(grad_norm):
            return None
        return float(scale.scale[row])

    def _evaluate(self, endings: dict[int, Ending]) -> None:
        metrics = self._metrics()
        for row, member in enumerate(self._members):
            if row not in endings or endings[row].kind == "diverged":
                member.evaluations[self.step - 1] = metrics[row]
                self.stack.rates.heed(row, member.evaluations)

    def _metrics(self) -> list[dict[str, float]]:
        """Metrics of each member on held-out data."""
        params = self.stack.optimizer.evaluation_params(self.stack.params)
        with torch.no_grad():
            metrics = self.stack.workload.evaluate(self.stack.views(params))
        values = {name: metric.tolist() for name, metric in metrics.items()}
        return [{name: column[row] for name, column in values.items()} for row in range(len(self._members))]

    def _charge(self, seconds: float, num_steps: int) -> None:
        self._seconds_per_step = seconds / num_steps
        for member in self._members:
            member.seconds += seconds / len(self._members)

    def _finish(self, endings: dict[int, Ending]) -> list[TrialRecord]:
        over = self.step == self.num_steps
        leaving = range(len(self._members)) if over else sorted(endings)
        records = self._records(leaving, endings, [self._members[row].evaluations for row in leaving])
        self._leave(leaving)
        return records

    def _leave(self, leaving: Sequence[int]) -> None:
        gone = set(leaving)
        staying = [row for row in range(len(self._members)) if row not in gone]
        self._members = [self._members[row] for row in staying]
        if staying and gone:
            self.stack.keep(torch.tensor(staying))

    def _extras(self, row: int) -> dict[str, float]:
        extras, scale = {}, self.stack.loss_scale
        if scale is not None:
            extras["loss_scale"] = float(scale.scale[row])
            extras["loss_scale_overflows"] = float(scale.num_overflows[row])
        if self._schedule is not None:
            extras["measure_seconds"] = self._members[row].measure_seconds
        return extras

    def _records(
        self, rows: Sequence[int], endings: Mapping[int, Ending], evaluations: Sequence[Evaluations]
    ) -> list[TrialRecord]:
        """The records of members, in their order; those that made as many steps are judged together."""
        lengths: dict[int, list[int]] = defaultdict(list)
        for row in rows:
            lengths[endings[row].step + 1 if row in endings else self.step].append(row)
        known = dict(zip(rows, evaluations, strict=True))
        records: dict[int, TrialRecord] = {}
        for num_done, together in lengths.items():
            ended = [self._ended(row, endings.get(row), known[row], num_done) for row in together]
            made = make_records(ended, self._steps(together, num_done, ended), self.stack.workload)
            records |= zip(together, made, strict=True)
        return [records[row] for row in rows]

    def _ended(self, row: int, ending: Ending | None, evaluations: Evaluations, num_done: int) -> Ended:
        member, schedule = self._members[row], self._schedule
        return Ended(
            trial=self.stack.trials[row],
            ending=ending,
            evaluations=evaluations,
            train_seconds=member.seconds,
            extras=self._extras(row),
            measured=None if schedule is None else schedule.measured(member.column, num_done),
        )

    def _steps(self, rows: Sequence[int], num_done: int, ended: Sequence[Ended]) -> Steps:
        columns = [self._members[row].column for row in rows]
        ends = window_ends(self._report_steps, num_done)
        return Steps(
            series=self._history.series(columns, num_done),
            ends=ends,
            layers=self._history.layer_curves(columns, len(ends)),
            rates=self.stack.rates.curves(rows, ends.tolist(), [one.evaluations for one in ended]),
        )
