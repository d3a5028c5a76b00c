"""Random shifts of images."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, Self

from pydantic import Field

from trainers.data.base import DataShape
from trainers.late import torch
from trainers.regularisers.base import Regulariser, StackedRegulariser
from trainers.regularisers.draws import member_keys, uniform
from trainers.regularisers.inputs import need_images, unfit_boxes, unfit_images
from trainers.workload import Workload

if TYPE_CHECKING:
    from torch import Tensor


class Shift(Regulariser):
    """Moves each image by up to `pixels` in both directions; what moves in is zero."""

    kind: Literal["shift"] = "shift"
    source = "Simard et al. 2003, best practices for convolutional neural networks"
    pixels: int = Field(2, ge=0, le=64, description="largest shift in each direction")

    def unfit(self, shape: DataShape) -> str | None:
        """Only images will do, and no boxes."""
        return unfit_images(self.kind, shape) or unfit_boxes(self.kind, shape)

    @classmethod
    def stack(
        cls, kinds: Sequence[Self], workload: Workload, like: Tensor, seeds: Sequence[int]
    ) -> StackedShift:
        """Keys (K, 2); the members share the largest shift."""
        return StackedShift(kinds[0].pixels, member_keys(seeds, "shift", like.device))


class StackedShift(StackedRegulariser):
    """Shifts for K members, each example by its own distance."""

    def __init__(self, pixels: int, keys: Tensor) -> None:
        self.pixels = pixels
        self.keys = keys  # (K, 2)

    def batch(self, inputs: Tensor, targets: Tensor, step: int) -> tuple[Tensor, Tensor]:
        """Shifted images (K, B, C, H, W)."""
        images = need_images(inputs, "shift", len(self.keys))
        K, B, C, H, W = images.shape
        moves = uniform(self.keys, step, "move", (B, 2)) * (2 * self.pixels + 1)
        dy, dx = (moves.floor().long() - self.pixels).unbind(dim=2)  # (K, B)
        rows = torch.arange(H, device=images.device) + dy.unsqueeze(2)  # (K, B, H)
        columns = torch.arange(W, device=images.device) + dx.unsqueeze(2)
        inside = ((rows >= 0) & (rows < H)).unsqueeze(3) & ((columns >= 0) & (columns < W)).unsqueeze(2)
        flat = (rows.clamp(0, H - 1).unsqueeze(3) * W + columns.clamp(0, W - 1).unsqueeze(2)).flatten(2)
        moved = images.flatten(3).gather(3, flat.unsqueeze(2).expand(K, B, C, H * W))
        return moved.view(images.shape) * inside.unsqueeze(2).to(images.dtype), targets
