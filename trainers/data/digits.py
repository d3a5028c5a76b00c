"""The 1,797 handwritten digits, 8×8, that scikit-learn ships."""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np

from trainers.data.base import DataShape
from trainers.data.images import ImageData, Images, hold_out
from trainers.data.shipped import shipped_file
from trainers.late import torch


class Digits(ImageData):
    """8×8 images of handwritten digits: 1,437 to train on, 360 to evaluate on."""

    kind: Literal["digits"] = "digits"
    source: ClassVar[str] = "sklearn.datasets.load_digits"

    def full_shape(self) -> DataShape:
        """Known without loading."""
        return DataShape((1, 8, 8), output_size=10, num_examples=1437)

    def images(self) -> Images:
        """The shuffled images (N, 1, 8, 8), of pixels up to 16."""
        path = shipped_file("sklearn", "datasets", "data", "digits.csv.gz", distribution="scikit-learn")
        table = torch.from_numpy(np.loadtxt(path, delimiter=",", dtype=np.uint8))
        return hold_out(table[:, :-1].reshape(-1, 1, 8, 8), table[:, -1].long(), num_eval=360, largest=16)
