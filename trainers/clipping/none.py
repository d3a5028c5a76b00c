"""No clipping: the control of every comparison."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, Self

from trainers.clipping.base import Clip, Clipped, ClipRule, Gradients
from trainers.late import torch
from trainers.layout import ParameterLayout

if TYPE_CHECKING:
    from torch import Tensor


class NoClip(Clip):
    """Leaves gradients as they are."""

    kind: Literal["none"] = "none"

    @classmethod
    def stack(cls, clips: Sequence[Self], layout: ParameterLayout, like: Tensor) -> ClipRule:
        """One rule for M members; it has no parameters."""
        return _Untouched()


class _Untouched(ClipRule):
    changes_nothing = True
    needs = frozenset()

    def clip(self, gradients: Gradients) -> Clipped:
        norm = gradients.norm
        return Clipped(
            gradients.flat, clipped=torch.zeros_like(norm), coefficient=torch.ones_like(norm), norm=norm
        )
