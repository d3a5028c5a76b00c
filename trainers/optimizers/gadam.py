"""AdamW, evaluated at the average of its last weights."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, Self

from pydantic import Field

from trainers.kinds import column
from trainers.late import torch
from trainers.layout import ParameterLayout
from trainers.optimizers.adam import StackedAdam
from trainers.optimizers.base import StackedOptimizer
from trainers.optimizers.columns import shared_count
from trainers.optimizers.moments import MomentOptimizer

if TYPE_CHECKING:
    from torch import Tensor


class Gadam(MomentOptimizer):
    """AdamW whose weights are averaged over the tail of the run; the average is what is evaluated."""

    kind: Literal["gadam"] = "gadam"
    source = "Granziol et al. 2020, arXiv 2003.01247"
    weight_decay: float = Field(0.01, ge=0, le=1e6, description="λ; weights shrink by lr·λ at each step")
    average_after: int = Field(
        100, ge=0, le=10_000_000, description="updates before the average of weights begins"
    )

    @classmethod
    def stack(cls, optimizers: Sequence[Self], layout: ParameterLayout, like: Tensor) -> StackedOptimizer:
        """One optimizer for K members, which begin averaging at the same update."""
        return _StackedGadam(optimizers, like)


class _StackedGadam(StackedAdam):
    """Each update first takes in the weights that it starts from: only weights that were held count."""

    def __init__(self, optimizers: Sequence[Gadam], like: Tensor) -> None:
        super().__init__(optimizers, like, column(optimizers, "weight_decay", like), decoupled=True)
        self.average_after = shared_count(optimizers, "average_after")
        self.num_averaged = 0
        self.average = torch.zeros_like(like)  # (K, P)

    def update(self, params: Tensor, grads: Tensor, lr: Tensor, step: int) -> Tensor:
        if step > self.average_after:
            self.average = self.evaluation_params(params)
            self.num_averaged += 1
        return super().update(params, grads, lr, step)

    def evaluation_params(self, params: Tensor) -> Tensor:
        """w̄ ← (n·w̄ + w)/(n + 1), the newest weights included; before averaging begins, the weights."""
        return torch.lerp(self.average, params, 1 / (self.num_averaged + 1))
