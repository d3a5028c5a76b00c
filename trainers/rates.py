"""Learning rates of a stack, step by step."""

from collections.abc import Sequence

import torch
from torch import Tensor

from trainers.config import TrialConfig


class Rates:
    """The learning rate of each of K members: its optimizer's, times its schedule's factor."""

    def __init__(self, configs: Sequence[TrialConfig], like: Tensor) -> None:
        self.configs = list(configs)
        self._dtype, self._device = like.dtype, like.device

    def chunk(self, first_step: int, num_steps: int) -> list[Tensor]:
        """Learning rates (K, 1) for each of `num_steps` steps."""
        columns = [
            [rate_at(config, first_step + step) for step in range(num_steps)] for config in self.configs
        ]
        table = torch.tensor(columns, dtype=torch.float64).to(self._device, self._dtype)  # (K, n)
        return [rates.unsqueeze(1) for rates in table.unbind(dim=1)]

    def keep(self, rows: Tensor) -> None:
        """Forget the members that are not in `rows`."""
        self.configs = [self.configs[row] for row in rows.tolist()]


def rate_at(config: TrialConfig, step: int) -> float:
    """The learning rate of update `step`, counted from 0."""
    return config.optimizer.lr * config.schedule.factor(step, config.steps)
