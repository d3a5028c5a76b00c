"""A constant added to every gradient."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, Self

from pydantic import Field

from trainers.gradients.base import GradientKind, GradientTransform
from trainers.kinds import column
from trainers.layout import ParameterLayout

if TYPE_CHECKING:
    from torch import Tensor


class ConstantOffset(GradientKind):
    """Adds a small constant ε to every entry of the gradient: a claimed remedy, here to be tested."""

    kind: Literal["constant_offset"] = "constant_offset"
    source = "folklore; `epsilon-offset-relu` puts it to the test"
    epsilon: float = Field(1e-5, ge=-1e6, le=1e6, description="constant added to every entry")

    @classmethod
    def stack(
        cls, kinds: Sequence[Self], layout: ParameterLayout, like: Tensor, seeds: Sequence[int]
    ) -> GradientTransform:
        """One offset for K members."""
        return _Offset(column(kinds, "epsilon", like))


class _Offset(GradientTransform):
    def __init__(self, epsilon: Tensor) -> None:
        self.epsilon = epsilon  # (K, 1)

    def transform(self, flat: Tensor, step: int) -> Tensor:
        return flat.add_(self.epsilon)
