"""The form of a gradient transform: what is done to gradients before clipping."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING, Self

from trainers.kinds import Kind
from trainers.layout import ParameterLayout
from trainers.stacked import Stacked

if TYPE_CHECKING:
    from torch import Tensor


class GradientTransform(Stacked):
    """A transform over the K members of a pack, with their parameters (K, 1) and state."""

    @abstractmethod
    def transform(self, flat: Tensor, step: int) -> Tensor:
        """The transformed gradients (K, P); `flat` may be overwritten."""


class GradientKind(Kind):
    """Base of gradient transform configs."""

    @classmethod
    @abstractmethod
    def stack(
        cls, kinds: Sequence[Self], layout: ParameterLayout, like: Tensor, seeds: Sequence[int]
    ) -> GradientTransform:
        """One transform for K members; random ones draw per member, from `trainers.seeds.generator`."""
