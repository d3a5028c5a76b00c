"""Long-memory problems on symbols: temporal order, and copying after a delay."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from trainers.data.base import DataConfig, Dataset, DataShape
from trainers.late import torch
from trainers.seeds import generator

if TYPE_CHECKING:
    from torch import Tensor

NUM_DISTRACTORS = 4
NUM_SYMBOLS = 8
"""Symbols to remember in the copy problem."""
COPY_LENGTH = 10
BLANK, GO = NUM_SYMBOLS, NUM_SYMBOLS + 1
WINDOWS = {2: (0.1, 0.4), 3: (0.1, 0.3, 0.6)}
"""Where the window of each relevant symbol begins, as a share of the length; each is a tenth long."""


class TemporalOrder(DataConfig):
    """Name the order of two or three X and Y symbols among distractors, after the last step."""

    kind: Literal["temporal_order"] = "temporal_order"
    source: ClassVar[str] = "Hochreiter and Schmidhuber 1997; arXiv 1211.5063 for the windows"
    length: int = Field(50, ge=10, le=100_000, description="steps of a sequence")
    relevant: Literal[2, 3] = Field(2, description="how many X and Y symbols: 4 or 8 classes")
    n: int = Field(8192, ge=1, le=1_000_000, description="sequences to train on")
    num_eval: int = Field(512, ge=1, le=100_000, description="sequences to evaluate on")
    seed: int = Field(0, ge=0, lt=2**63, description="of the draw")

    def shape(self) -> DataShape:
        """Known without making the data."""
        return DataShape(
            (self.length,),
            2**self.relevant,
            self.n,
            task="sequence_classification",
            num_tokens=NUM_DISTRACTORS + 2,
        )

    def read(self) -> Dataset:
        """Inputs (N, T) of four distractors, X and Y; targets (N,)."""
        train, evaluation = self._draw(self.n, "train"), self._draw(self.num_eval, "eval")
        return Dataset(
            "sequence_classification",
            *train,
            *evaluation,
            output_size=2**self.relevant,
            num_tokens=NUM_DISTRACTORS + 2,
        )

    def _draw(self, n: int, part: str) -> tuple[Tensor, Tensor]:
        draws = generator(self.seed, self.kind, part)
        tokens = torch.randint(0, NUM_DISTRACTORS, (n, self.length), generator=draws)
        targets = torch.zeros(n, dtype=torch.int64)
        for start in WINDOWS[self.relevant]:
            first = round(start * self.length)
            places = torch.randint(first, first + self.length // 10, (n, 1), generator=draws)
            bits = torch.randint(0, 2, (n, 1), generator=draws)
            tokens.scatter_(1, places, NUM_DISTRACTORS + bits)
            targets = 2 * targets + bits.squeeze(1)
        return tokens, targets


class CopyMemory(DataConfig):
    """Repeat ten symbols after a delay; blanks until then.

    Without memory the best loss is 10·ln 8 / (delay + 20).
    """

    kind: Literal["copy_memory"] = "copy_memory"
    source: ClassVar[str] = "arXiv 1511.06464"
    delay: int = Field(30, ge=1, le=100_000, description="steps between the last symbol and the first answer")
    n: int = Field(8192, ge=1, le=1_000_000, description="sequences to train on")
    num_eval: int = Field(256, ge=1, le=100_000, description="sequences to evaluate on")
    seed: int = Field(0, ge=0, lt=2**63, description="of the draw")

    def shape(self) -> DataShape:
        """Known without making the data."""
        length = self.delay + 2 * COPY_LENGTH
        return DataShape((length,), NUM_SYMBOLS + 1, self.n, task="language", num_tokens=NUM_SYMBOLS + 2)

    def read(self) -> Dataset:
        """Inputs (N, T) of symbols, blank and go; targets (N, T) of symbols and blank."""
        train, evaluation = self._draw(self.n, "train"), self._draw(self.num_eval, "eval")
        return Dataset(
            "language", *train, *evaluation, output_size=NUM_SYMBOLS + 1, num_tokens=NUM_SYMBOLS + 2
        )

    def _draw(self, n: int, part: str) -> tuple[Tensor, Tensor]:
        draws = generator(self.seed, self.kind, part)
        symbols = torch.randint(0, NUM_SYMBOLS, (n, COPY_LENGTH), generator=draws)
        tokens = torch.full((n, self.delay + 2 * COPY_LENGTH), BLANK)
        targets = tokens.clone()
        tokens[:, :COPY_LENGTH] = symbols
        tokens[:, self.delay + COPY_LENGTH - 1] = GO
        targets[:, -COPY_LENGTH:] = symbols
        return tokens, targets
