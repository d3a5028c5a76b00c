"""Dropout of hidden activations."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, Self

from pydantic import Field

from trainers.kinds import column
from trainers.regularisers.base import Regulariser, StackedRegulariser
from trainers.regularisers.draws import member_keys, uniform
from trainers.workload import Workload

if TYPE_CHECKING:
    from torch import Tensor


class Dropout(Regulariser):
    """Sets a share of each hidden activation to zero and scales the rest up; not in evaluation."""

    kind: Literal["dropout"] = "dropout"
    source = "Srivastava et al. 2014; torch.nn.Dropout"
    rate: float = Field(0.1, ge=0, lt=1, description="share of activations set to zero")

    @classmethod
    def stack(
        cls, kinds: Sequence[Self], workload: Workload, like: Tensor, seeds: Sequence[int]
    ) -> StackedDropout:
        """Rates (K, 1) and keys (K, 2)."""
        return StackedDropout(column(kinds, "rate", like), member_keys(seeds, "dropout", like.device))


class StackedDropout(StackedRegulariser):
    """Dropout for K members, each with its own draws."""

    def __init__(self, rate: Tensor, keys: Tensor) -> None:
        self.rate = rate  # (K, 1)
        self.keys = keys  # (K, 2)

    def activation(self, layer: str, values: Tensor, step: int) -> Tensor:
        """Drop, with the same mask whenever the same step is run."""
        rate = self.rate.view(-1, *[1] * (values.dim() - 1))
        kept = uniform(self.keys, step, layer, values.shape[1:]) >= rate
        return values * (kept / (1 - rate)).to(values.dtype)
