"""Learning rates of a stack, step by step."""

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from trainers.config import TrialConfig

Evaluations = Mapping[int, Mapping[str, float]]
"""Metrics by the step after whose update they were measured."""


class Rates:
    """The learning rate of each of K members: its optimizer's, times its schedule's factors."""

    def __init__(self, configs: Sequence[TrialConfig], num_examples: int, like: Tensor) -> None:
        self.configs = list(configs)
        self.feedback = [1.0] * len(self.configs)
        self._num_examples = num_examples
        self._dtype, self._device = like.dtype, like.device

    def chunk(self, first_step: int, num_steps: int) -> list[Tensor]:
        """Learning rates (K, 1) for each of `num_steps` steps, which no evaluation may interrupt."""
        steps = range(first_step, first_step + num_steps)
        columns = [
            [feedback * rate_at(config, step, self._num_examples) for step in steps]
            for config, feedback in zip(self.configs, self.feedback, strict=True)
        ]
        table = torch.tensor(columns, dtype=torch.float64).to(self._device, self._dtype)  # (K, n)
        return [rates.unsqueeze(1) for rates in table.unbind(dim=1)]

    def heed(self, row: int, evaluations: Evaluations) -> None:
        """Let the schedule of member `row` see all evaluations so far."""
        self.feedback[row] = self.configs[row].schedule.feedback_factor(_losses(evaluations))

    def keep(self, rows: Tensor) -> None:
        """Forget the members that are not in `rows`."""
        self.configs = [self.configs[row] for row in rows.tolist()]
        self.feedback = [self.feedback[row] for row in rows.tolist()]


def rate_at(
    config: TrialConfig, step: int, num_examples: int, evaluations: Evaluations | None = None
) -> float:
    """The learning rate of update `step`, counted from 0, after the `evaluations` of earlier steps.

    `num_examples` is the batch size of full-batch training.
    """
    schedule = config.schedule
    batch_size = num_examples if config.batch_size == "full" else config.batch_size
    earlier = {at: metrics for at, metrics in (evaluations or {}).items() if at < step}
    factor = schedule.factor(step, config.steps) * schedule.batch_factor(batch_size)
    return config.optimizer.lr * factor * schedule.feedback_factor(_losses(earlier))


def _losses(evaluations: Evaluations) -> list[float]:
    return [evaluations[step]["eval_loss"] for step in sorted(evaluations)]
