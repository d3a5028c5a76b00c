"""Clipping at a percentile of the norms that this run has seen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, Self

from pydantic import Field

from trainers.clipping.base import Clip, Clipped, ClipRule, Gradients
from trainers.clipping.global_norm import SAFE_DIVISION
from trainers.clipping.scaling import scale_members
from trainers.kinds import column
from trainers.late import torch
from trainers.layout import ParameterLayout
from trainers.stacked import Stacked

if TYPE_CHECKING:
    from torch import Tensor


class AutoClip(Clip):
    """Clips the global norm at a percentile of all norms so far, so that no threshold must be chosen."""

    kind: Literal["autoclip"] = "autoclip"
    source = "Seetharaman et al. 2020, arXiv 2007.14469"
    percentile: float = Field(10.0, ge=0, le=100, description="percentile of the norms so far to clip at")

    @classmethod
    def stack(cls, clips: Sequence[Self], layout: ParameterLayout, like: Tensor) -> ClipRule:
        """Percentiles (M,) and an empty history for M members."""
        return _AutoClip(column(clips, "percentile", like).squeeze(1))


class _AutoClip(ClipRule):
    needs = frozenset()

    def __init__(self, percentile: Tensor) -> None:
        self.fraction = percentile / 100  # (M,)
        self.norms = SortedHistory(percentile)

    def clip(self, gradients: Gradients) -> Clipped:
        self.norms.insert(gradients.norm)
        threshold = self.norms.quantile(self.fraction)
        coefficient = (threshold / (gradients.norm + SAFE_DIVISION)).clamp(max=1.0)
        return scale_members(gradients, coefficient.masked_fill_(gradients.norm == 0, 1.0))


class SortedHistory(Stacked):
    """All values so far of M members in ascending order, as one matrix (M, capacity) padded with infinities.

    Insertion shifts the tail of each row by one: two passes over the matrix, no sort and no host sync.
    """

    def __init__(self, like: Tensor) -> None:
        self.num_values = 0
        self.values = torch.full((len(like), 64), torch.inf, dtype=like.dtype, device=like.device)

    def insert(self, new: Tensor) -> None:
        """Add one value (M,) per member."""
        if self.num_values == self.values.shape[1]:
            self.values = torch.cat([self.values, torch.full_like(self.values, torch.inf)], dim=1)
        shifted = torch.minimum(self.values, new.unsqueeze(1))
        torch.maximum(shifted[:, 1:], self.values[:, :-1], out=shifted[:, 1:])
        self.values = shifted
        self.num_values += 1

    def quantile(self, fraction: Tensor) -> Tensor:
        """The quantile (M,) at `fraction` (M,), linear between neighbours as in `numpy.percentile`."""
        place = (fraction * (self.num_values - 1)).unsqueeze(1)  # (M, 1)
        below = place.floor()
        neighbours = torch.cat([below, place.ceil()], dim=1).long()
        low, high = self.values.gather(1, neighbours).unbind(dim=1)
        return torch.lerp(low, high, (place - below).squeeze(1))
