"""Leaving out updates whose loss or gradient norm stands out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Literal, Self

from pydantic import Field

from trainers.clipping.base import Clip, Clipped, ClipRule, Gradients
from trainers.clipping.scaling import scale_members
from trainers.kinds import exact_column
from trainers.late import torch
from trainers.layout import ParameterLayout
from trainers.stacked import Stacked

if TYPE_CHECKING:
    from torch import Tensor


class SkipStep(Clip):
    """Leaves out an update whose loss or gradient norm is far above those of the recent steps."""

    kind: Literal["skip_step"] = "skip_step"
    source = "OLMo 2, arXiv 2501.00656; Levanter's skip_bad_steps"
    z_threshold: float = Field(6.0, gt=0, le=1000, description="standard deviations above the recent mean")
    window: int = Field(128, ge=4, le=65_536, description="recent steps to compare with")

    @classmethod
    def stack(cls, clips: Sequence[Self], layout: ParameterLayout, like: Tensor) -> ClipRule:
        """Thresholds (M,) and the recent losses and norms (M, window) of M members."""
        return _SkipStep(clips, like)


class _SkipStep(ClipRule):
    """Judges once half a window is known. A skipped gradient becomes zero, so that no moment ever sees it."""

    needs = frozenset()

    def __init__(self, clips: Sequence[SkipStep], like: Tensor) -> None:
        self.z_threshold = exact_column(clips, "z_threshold", like).squeeze(1)  # (M,)
        windows = exact_column(clips, "window", like)
        self.losses = RecentValues(windows)
        self.norms = RecentValues(windows)

    def clip(self, gradients: Gradients) -> Clipped:
        skip = self.losses.z_score(gradients.loss) > self.z_threshold
        skip |= self.norms.z_score(gradients.norm) > self.z_threshold
        self.losses.add(gradients.loss)
        self.norms.add(gradients.norm)
        kept = (~skip).to(gradients.norm.dtype)
        return replace(scale_members(gradients, kept), rate=kept)


class RecentValues(Stacked):
    """The last values of M members, oldest first; member m looks back `windows[m]` steps."""

    def __init__(self, windows: Tensor) -> None:
        self.windows = windows  # (M, 1), float64
        self.num_values = 0
        longest = int(windows.max()) if len(windows) else 0
        self.values = torch.zeros(len(windows), longest, dtype=torch.float64, device=windows.device)

    def add(self, new: Tensor) -> None:
        """Take in one value (M,) per member."""
        self.values = torch.cat([self.values[:, 1:], new.double().unsqueeze(1)], dim=1)
        self.num_values += 1

    def z_score(self, new: Tensor) -> Tensor:
        """Standard deviations (M,) of `new` (M,) above the mean; −∞ until half of a window is known."""
        known = self.windows.clamp(max=self.num_values)  # (M, 1)
        longest = self.values.shape[1]
        places = torch.arange(longest, device=self.values.device)
        inside = places >= longest - known  # (M, longest)
        mean = torch.where(inside, self.values, 0.0).sum(dim=1, keepdim=True) / known
        squares = torch.where(inside, (self.values - mean).square(), 0.0).sum(dim=1, keepdim=True)
        deviation = (squares / (known - 1)).sqrt()
        z = (new.double().unsqueeze(1) - mean) / deviation
        return torch.where(2 * known < self.windows, -torch.inf, z).squeeze(1)
