"""What image data sets share: pixels as numbers, an optional limit, one form of dataset."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from trainers.data.base import DataConfig, Dataset, DataShape
from trainers.late import torch
from trainers.seeds import generator

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True)
class Images:
    """Pixels (N, C, H, W) and labels (N,), to train and to evaluate on; `largest` is a white pixel."""

    pixels: Tensor
    labels: Tensor
    eval_pixels: Tensor
    eval_labels: Tensor
    largest: int = 255


class ImageData(DataConfig):
    """Base of image classification configs."""

    scale: Literal["unit", "standard"] = Field(
        "unit", description="pixels in [0, 1], or with mean 0 and variance 1 per channel of the training set"
    )
    limit: int | None = Field(
        None, ge=1, description="train on the first this many of the shuffled images; None takes all"
    )

    @abstractmethod
    def images(self) -> Images:
        """Read the images, in an order in which the first n are a fair sample."""

    @abstractmethod
    def full_shape(self) -> DataShape:
        """The shape without `limit`, known without loading."""

    def shape(self) -> DataShape:
        """Known without loading."""
        full = self.full_shape()
        num_examples = full.num_examples if self.limit is None else min(self.limit, full.num_examples)
        return DataShape(full.input_shape, full.output_size, num_examples)

    def read(self) -> Dataset:
        """Inputs (N, C, H, W) float32, targets (N,)."""
        images = self.images()
        inputs = images.pixels[: self.limit].float() / images.largest
        eval_inputs = images.eval_pixels.float() / images.largest
        if self.scale == "standard":
            mean = inputs.mean(dim=(0, 2, 3), keepdim=True)
            deviation = inputs.std(dim=(0, 2, 3), keepdim=True).clamp(min=1e-6)
            inputs, eval_inputs = (inputs - mean) / deviation, (eval_inputs - mean) / deviation
        return Dataset(
            "classification",
            inputs,
            images.labels[: self.limit],
            eval_inputs,
            images.eval_labels,
            output_size=self.full_shape().output_size,
        )


def hold_out(pixels: Tensor, labels: Tensor, num_eval: int, largest: int = 255) -> Images:
    """Shuffle N images once and for all, and keep `num_eval` of them to evaluate on."""
    order = torch.randperm(len(pixels), generator=generator(0, "split"))
    held_out, kept = order[:num_eval], order[num_eval:]
    return Images(pixels[kept], labels[kept], pixels[held_out], labels[held_out], largest)


def shuffled(pixels: Tensor, labels: Tensor, eval_pixels: Tensor, eval_labels: Tensor) -> Images:
    """Shuffle the training images once and for all; the test set stays as it is."""
    order = torch.randperm(len(pixels), generator=generator(0, "shuffle"))
    return Images(pixels[order], labels[order], eval_pixels, eval_labels)
