"""Learning rates of a stack, step by step."""

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from trainers.config import TrialConfig

Evaluations = Mapping[int, Mapping[str, float]]
"""Metrics by the step after whose update they were measured."""
Floats = NDArray[np.float64]


class Rates:
    """The learning rate of each of K members: its optimizer's, times its schedule's factors.

    Schedules are asked once for all members that share one.
    """

    def __init__(self, configs: Sequence[TrialConfig], num_examples: int, like: Tensor) -> None:
        self.feedback = [1.0] * len(configs)
        self._num_examples = num_examples
        self._dtype, self._device = like.dtype, like.device
        self._take(configs)

    def chunk(self, first_step: int, num_steps: int) -> list[Tensor]:
        """Learning rates (K, 1) for each of `num_steps` steps, which no evaluation may interrupt."""
        table = self._unheeding(range(first_step, first_step + num_steps)) * np.array(self.feedback)[:, None]
        rates = torch.from_numpy(table.T.copy()).to(self._device, self._dtype)  # (n, K)
        return list(rates.unsqueeze(2).unbind(dim=0))

    def curves(self, rows: Sequence[int], steps: Sequence[int], evaluations: Sequence[Evaluations]) -> Floats:
        """Learning rates of members `rows` at `steps`, (rows, steps), each after its earlier evaluations."""
        heeded = [self._heeding(row, steps, of_row) for row, of_row in zip(rows, evaluations, strict=True)]
        return np.asarray(self._unheeding(steps)[list(rows)] * np.array(heeded))

    def heed(self, row: int, evaluations: Evaluations) -> None:
        """Let the schedule of member `row` see all evaluations so far."""
        self.feedback[row] = self.configs[row].schedule.feedback_factor(_losses(evaluations))

    def keep(self, rows: Tensor) -> None:
        """Forget the members that are not in `rows`."""
        self.feedback = [self.feedback[row] for row in rows.tolist()]
        self._take([self.configs[row] for row in rows.tolist()])

    def _take(self, configs: Sequence[TrialConfig]) -> None:
        self.configs = list(configs)
        self._base = np.array([config.optimizer.lr for config in configs])  # (K,)
        courses = [(config.schedule, config.steps, self._batch_size(config)) for config in configs]
        self._courses = {course: place for place, course in enumerate(dict.fromkeys(courses))}
        self._places = [self._courses[course] for course in courses]

    def _batch_size(self, config: TrialConfig) -> int:
        return self._num_examples if config.batch_size == "full" else config.batch_size

    def _unheeding(self, steps: Iterable[int]) -> Floats:
        """Learning rates (K, steps) as if nothing was evaluated."""
        factors = [
            [schedule.factor(step, num_steps) * schedule.batch_factor(batch_size) for step in steps]
            for schedule, num_steps, batch_size in self._courses
        ]
        return np.asarray(self._base[:, None] * np.array(factors)[self._places])

    def _heeding(self, row: int, steps: Iterable[int], evaluations: Evaluations) -> list[float]:
        """What the schedule of member `row` made at each step of the evaluations before it."""
        schedule, losses, evaluated = self.configs[row].schedule, _losses(evaluations), sorted(evaluations)
        factors = [schedule.feedback_factor(losses[:seen]) for seen in range(len(losses) + 1)]
        return [factors[bisect_left(evaluated, step)] for step in steps]


def _losses(evaluations: Evaluations) -> list[float]:
    return [evaluations[step]["eval_loss"] for step in sorted(evaluations)]
