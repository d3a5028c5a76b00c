"""The adding problem: sum the two marked numbers of a long sequence."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from trainers.data.base import DataConfig, Dataset, DataShape
from trainers.late import torch
from trainers.seeds import generator

if TYPE_CHECKING:
    from torch import Tensor

Variant = Literal["sum", "half_sum", "symmetric"]

CONSTANT_BASELINES: dict[Variant, float] = {"sum": 1 / 6, "half_sum": 1 / 24, "symmetric": 2 / 3}
"""Mean squared error of the best constant answer: the variance of the target.

A U[0, 1] number has variance 1/12, so the raw sum of two has 1/6 and half of it 1/24; a U[−1, 1] number
has variance 1/3, so the sum of two has 2/3.
"""


class Adding(DataConfig):
    """Sum two marked numbers of a sequence; one mark in each half, the target after the last step."""

    kind: Literal["adding"] = "adding"
    source: ClassVar[str] = "Hochreiter and Schmidhuber 1997"
    length: int = Field(50, ge=2, le=100_000, description="steps of a sequence")
    variant: Variant = Field(
        "sum",
        description="U[0, 1] and the raw sum (a constant scores 1/6), half the sum (1/24), or U[−1, 1] (2/3)",
    )
    n: int = Field(8192, ge=1, le=1_000_000, description="sequences to train on")
    num_eval: int = Field(512, ge=1, le=100_000, description="sequences to evaluate on")
    seed: int = Field(0, ge=0, lt=2**63, description="of the draw")

    def shape(self) -> DataShape:
        """Known without making the data."""
        return DataShape((self.length, 2), 1, self.n, task="regression")

    def read(self) -> Dataset:
        """Inputs (N, T, 2), numbers and marks; targets (N, 1)."""
        inputs, targets = self._draw(self.n, "train")
        eval_inputs, eval_targets = self._draw(self.num_eval, "eval")
        return Dataset("regression", inputs, targets, eval_inputs, eval_targets, output_size=1)

    def _draw(self, n: int, part: str) -> tuple[Tensor, Tensor]:
        draws = generator(self.seed, self.kind, part)
        numbers = torch.rand(n, self.length, generator=draws)
        if self.variant == "symmetric":
            numbers = 2 * numbers - 1
        half = self.length // 2
        first = torch.randint(0, half, (n, 1), generator=draws)
        second = torch.randint(half, self.length, (n, 1), generator=draws)
        marks = torch.zeros_like(numbers).scatter_(1, first, 1.0).scatter_(1, second, 1.0)
        targets = (numbers * marks).sum(dim=1, keepdim=True)
        if self.variant == "half_sum":
            targets = targets / 2
        return torch.stack([numbers, marks], dim=2), targets
