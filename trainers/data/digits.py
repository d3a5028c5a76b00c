"""The 1,797 handwritten digits, 8×8, that scikit-learn ships."""

from functools import lru_cache
from typing import Literal

import torch

from trainers.data.base import DataConfig, Dataset, DataShape
from trainers.data.split import split


class Digits(DataConfig):
    """8×8 images of handwritten digits, in [0, 1]: 1,437 to train on, 360 to evaluate on."""

    kind: Literal["digits"] = "digits"

    def load(self) -> Dataset:
        """Inputs (N, 1, 8, 8), targets (N,)."""
        return _load()

    def shape(self) -> DataShape:
        """Known without loading."""
        return DataShape((1, 8, 8), output_size=10, num_examples=1437)


@lru_cache(maxsize=1)
def _load() -> Dataset:
    from sklearn.datasets import load_digits

    images, labels = load_digits(return_X_y=True)
    inputs = torch.from_numpy(images).float().div(16).reshape(-1, 1, 8, 8)
    return split("classification", inputs, torch.from_numpy(labels).long(), output_size=10, num_eval=360)
