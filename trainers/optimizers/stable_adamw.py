"""AdamW that slows down where its root mean square lags behind the gradients."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, Self

from pydantic import Field

from trainers.kinds import column, exact_column
from trainers.late import torch
from trainers.layout import ParameterLayout
from trainers.optimizers.base import StackedOptimizer
from trainers.optimizers.moments import MomentOptimizer, Moments

if TYPE_CHECKING:
    from torch import Tensor


class StableAdamW(MomentOptimizer):
    """AdamW with each tensor's rate divided by how far its squared gradients exceed their running mean."""

    kind: Literal["stable_adamw"] = "stable_adamw"
    source = "Wortsman et al. 2023, arXiv 2304.13013"
    beta2: float = Field(0.99, ge=0, lt=1, description="decay of the running mean of squared gradients")
    weight_decay: float = Field(0.01, ge=0, le=1e6, description="λ; weights shrink by rate·λ at each step")

    @classmethod
    def stack(cls, optimizers: Sequence[Self], layout: ParameterLayout, like: Tensor) -> StackedOptimizer:
        """One optimizer for K members."""
        return _StackedStableAdamW(optimizers, layout, like)


class _StackedStableAdamW(StackedOptimizer):
    def __init__(self, optimizers: Sequence[StableAdamW], layout: ParameterLayout, like: Tensor) -> None:
        self.layout = layout
        self.moments = Moments(optimizers, like)
        self.eps = exact_column(optimizers, "eps", like)
        self.weight_decay = column(optimizers, "weight_decay", like)  # (K, 1)

    def update(self, params: Tensor, grads: Tensor, lr: Tensor, step: int) -> Tensor:
        moments = self.moments
        squares = moments.add(grads)
        square_correction = moments.square_correction()
        rates = -lr / self._excess(squares, square_correction)  # (K, S)
        root_correction = square_correction.sqrt()
        root = torch.sqrt(moments.square, out=squares).add_((self.eps * root_correction).to(lr.dtype))
        delta = torch.div(moments.mean, root, out=root)
        delta.mul_((root_correction / moments.mean_correction()).to(lr.dtype))
        delta.addcmul_(params, self.weight_decay)
        for segment, rate in zip(self.layout.segments(delta), rates.unsqueeze(2).unbind(dim=1), strict=True):
            segment.mul_(rate)
        return delta

    def _excess(self, squares: Tensor, correction: Tensor) -> Tensor:
        """max(1, RMS of g²/max(v̂, ε²)) of each tensor (K, S)."""
        floor = (self.eps.square() * correction).to(squares.dtype)
        ratio = squares / torch.maximum(self.moments.square, floor)
        means = torch.stack([part.mean(dim=1) for part in self.layout.segments(ratio)], dim=1)
        return (means * correction.to(means.dtype)).sqrt().clamp(min=1.0)

    def preconditioner(self) -> Tensor:
        """That of Adam: the slow-down of single steps is left out."""
        return self.moments.preconditioner(self.eps)

    def reset(self, rows: Tensor) -> None:
        self.moments.reset(rows)
