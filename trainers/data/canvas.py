"""Detection: one real digit somewhere on a larger canvas, at some size."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from trainers.data.base import BOX_SIZE, DataConfig, Dataset, DataShape
from trainers.data.digits import Digits
from trainers.late import functional, torch
from trainers.seeds import generator

if TYPE_CHECKING:
    from torch import Tensor

SMALLEST, LARGEST = 8, 16
"""Sides of a placed digit in pixels; the digits themselves are 8×8."""


class DigitCanvas(DataConfig):
    """Say which handwritten digit lies on a canvas, and where: class and box."""

    kind: Literal["digit_canvas"] = "digit_canvas"
    source: ClassVar[str] = "placed images of sklearn.datasets.load_digits"
    side: int = Field(24, ge=LARGEST, le=256, description="pixels along each side of the canvas")
    noise: float = Field(0.05, ge=0, le=10, description="standard deviation of the background's noise")
    seed: int = Field(0, ge=0, lt=2**63, description="of sizes, places and noise")

    def shape(self) -> DataShape:
        """Known without making the data."""
        return DataShape((1, self.side, self.side), 10 + BOX_SIZE, 1437, task="detection")

    def read(self) -> Dataset:
        """Inputs (N, 1, side, side), targets (N, 5): class, centre x, centre y, width, height."""
        digits = Digits().load()
        return Dataset(
            "detection",
            *self._place(digits.inputs, digits.targets, "train"),
            *self._place(digits.eval_inputs, digits.eval_targets, "eval"),
            output_size=10 + BOX_SIZE,
        )

    def _place(self, images: Tensor, labels: Tensor, part: str) -> tuple[Tensor, Tensor]:
        draws = generator(self.seed, self.kind, part)
        n = len(images)
        canvas = self.noise * torch.randn(n, 1, self.side, self.side, generator=draws)
        sizes = torch.randint(SMALLEST, LARGEST + 1, (n,), generator=draws)
        corners = (torch.rand(n, 2, generator=draws) * (self.side - sizes + 1).unsqueeze(1)).long()
        for row, (image, size, (x, y)) in enumerate(
            zip(images, sizes.tolist(), corners.tolist(), strict=True)
        ):
            grown = functional.interpolate(
                image.unsqueeze(0), size=(size, size), mode="bilinear", align_corners=False
            )
            canvas[row, :, y : y + size, x : x + size] += grown[0]
        boxes = torch.cat([corners + sizes.unsqueeze(1) / 2, sizes.unsqueeze(1).expand(n, 2).float()], dim=1)
        return canvas, torch.cat([labels.unsqueeze(1).float(), boxes / self.side], dim=1)
