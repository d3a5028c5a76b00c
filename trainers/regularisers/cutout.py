"""Cutout: blank squares in images."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, Self

from pydantic import Field

from trainers.data.base import DataShape
from trainers.late import torch
from trainers.regularisers.base import Regulariser, StackedRegulariser
from trainers.regularisers.draws import member_keys, uniform
from trainers.regularisers.inputs import need_images, unfit_images
from trainers.workload import Workload

if TYPE_CHECKING:
    from torch import Tensor


class Cutout(Regulariser):
    """Blanks a square of each image at a random place."""

    kind: Literal["cutout"] = "cutout"
    source = "DeVries and Taylor 2017, arXiv 1708.04552"
    pixels: int = Field(4, ge=1, le=256, description="side of the square")

    def unfit(self, shape: DataShape) -> str | None:
        """Only images will do."""
        return unfit_images(self.kind, shape)

    @classmethod
    def stack(
        cls, kinds: Sequence[Self], workload: Workload, like: Tensor, seeds: Sequence[int]
    ) -> StackedCutout:
        """Keys (K, 2); the members share the square's side."""
        return StackedCutout(kinds[0].pixels, member_keys(seeds, "cutout", like.device))


class StackedCutout(StackedRegulariser):
    """Cutout for K members, each example at its own place."""

    def __init__(self, pixels: int, keys: Tensor) -> None:
        self.pixels = pixels
        self.keys = keys  # (K, 2)

    def batch(self, inputs: Tensor, targets: Tensor, step: int) -> tuple[Tensor, Tensor]:
        """Images (K, B, C, H, W) with a blank square, which the border may cut."""
        images = need_images(inputs, "cutout", len(self.keys))
        B, H, W = images.shape[1], images.shape[3], images.shape[4]
        centre_y, centre_x = uniform(self.keys, step, "centre", (B, 2)).unbind(dim=2)
        hides_row = _covered(centre_y, H, self.pixels)  # (K, B, H)
        hides_column = _covered(centre_x, W, self.pixels)
        hidden = hides_row.unsqueeze(3) & hides_column.unsqueeze(2)  # (K, B, H, W)
        return images.masked_fill(hidden.unsqueeze(2), 0.0), targets


def _covered(centres: Tensor, length: int, width: int) -> Tensor:
    first = (centres * length).floor() - width // 2  # (K, B)
    places = torch.arange(length, device=centres.device)
    return (places >= first.unsqueeze(2)) & (places < first.unsqueeze(2) + width)
