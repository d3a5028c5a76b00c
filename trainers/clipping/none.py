"""No clipping: the control of every comparison."""

from collections.abc import Sequence
from typing import Literal, Self

import torch
from torch import Tensor

from trainers.clipping.base import Clip, Clipped, ClipRule, Gradients
from trainers.layout import ParameterLayout


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
