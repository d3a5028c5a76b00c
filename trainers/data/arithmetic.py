"""Modular addition: the whole table of a + b mod p, part of it held out."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from trainers.data.base import DataConfig, Dataset, DataShape
from trainers.late import torch
from trainers.seeds import generator


class ModularAddition(DataConfig):
    """Learn a + b mod p from part of its table; the sequence is a, b and an equals sign."""

    kind: Literal["modular_addition"] = "modular_addition"
    source: ClassVar[str] = "arXiv 2201.02177"
    p: int = Field(59, ge=2, le=1000, description="the modulus; a prime is usual")
    train_share: float = Field(0.5, gt=0, lt=1, description="share of the p² sums to train on")
    seed: int = Field(0, ge=0, lt=2**63, description="of the split")

    def shape(self) -> DataShape:
        """Known without making the data."""
        return DataShape(
            (3,), self.p, self._num_examples(), task="sequence_classification", num_tokens=self.p + 1
        )

    def read(self) -> Dataset:
        """Inputs (N, 3) of tokens a, b and p for the equals sign; targets (N,)."""
        pairs = torch.cartesian_prod(torch.arange(self.p), torch.arange(self.p))
        tokens = torch.cat([pairs, torch.full((len(pairs), 1), self.p)], dim=1)
        targets = pairs.sum(dim=1) % self.p
        order = torch.randperm(len(pairs), generator=generator(self.seed, self.kind))
        kept, held_out = order[: self._num_examples()], order[self._num_examples() :]
        return Dataset(
            "sequence_classification",
            tokens[kept],
            targets[kept],
            tokens[held_out],
            targets[held_out],
            output_size=self.p,
            num_tokens=self.p + 1,
        )

    def _num_examples(self) -> int:
        """At least one sum on each side."""
        return min(max(1, round(self.train_share * self.p**2)), self.p**2 - 1)
