"""Updates along an exponential average of gradients."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, Self

from pydantic import Field

from trainers.gradients.base import GradientKind, GradientTransform
from trainers.kinds import column
from trainers.layout import ParameterLayout

if TYPE_CHECKING:
    from torch import Tensor


class UpdateEma(GradientKind):
    """Replaces the gradient by an exponential average of all gradients so far."""

    kind: Literal["update_ema"] = "update_ema"
    source = "torch.optim.SGD(momentum=γ, dampening=γ)"
    gamma: float = Field(0.9, ge=0, lt=1, description="γ, weight of the average so far")

    @classmethod
    def stack(
        cls, kinds: Sequence[Self], layout: ParameterLayout, like: Tensor, seeds: Sequence[int]
    ) -> GradientTransform:
        """Weights (K, 1) and averages (K, P) for K members."""
        return _UpdateEma(column(kinds, "gamma", like))


class _UpdateEma(GradientTransform):
    """The average starts at the first gradient."""

    def __init__(self, gamma: Tensor) -> None:
        self.gamma = gamma  # (K, 1)
        self.average: Tensor | None = None  # (K, P)

    def transform(self, flat: Tensor, step: int) -> Tensor:
        if self.average is None:
            self.average = flat.clone()
            return flat
        return flat.copy_(self.average.lerp_(flat, 1 - self.gamma))
