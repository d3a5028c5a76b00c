"""CIFAR-10 and CIFAR-100 from their pickled batches."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from trainers.data.base import DataShape
from trainers.data.folders import LocalFiles
from trainers.data.images import ImageData, Images, shuffled
from trainers.errors import DataMissingError
from trainers.late import torch

if TYPE_CHECKING:
    from torch import Tensor

SAFE_GLOBALS = {
    ("numpy", "dtype"),
    ("numpy", "ndarray"),
    ("numpy.core.multiarray", "_reconstruct"),
    ("numpy._core.multiarray", "_reconstruct"),
    ("_codecs", "encode"),
}
"""All that an array in a pickle needs; anything else could run code."""


class Cifar10(ImageData):
    """32×32 colour photographs in ten classes: 50,000 to train on, 10,000 to evaluate on."""

    kind: Literal["cifar10"] = "cifar10"
    source: ClassVar[str] = "cs.toronto.edu/~kriz/cifar.html"
    folder: str = Field(
        "cifar-10-batches-py", description="where the Python version's files lie, under GRADSWEEP_DATA"
    )

    def full_shape(self) -> DataShape:
        """Known without loading."""
        return DataShape((3, 32, 32), output_size=10, num_examples=50_000)

    def images(self) -> Images:
        """The shuffled images (N, 3, 32, 32)."""
        *train, test = (_read_batch(path, b"labels") for path in self._files().paths())
        pixels, labels = (torch.cat(parts) for parts in zip(*train, strict=True))
        return shuffled(pixels, labels, *test)

    def missing(self) -> str | None:
        """Which files are lacking."""
        return self._files().missing()

    def _files(self) -> LocalFiles:
        names = [f"data_batch_{number}" for number in range(1, 6)]
        return LocalFiles("CIFAR-10", self.folder, tuple((name,) for name in [*names, "test_batch"]))


class Cifar100(ImageData):
    """32×32 colour photographs in a hundred classes: 50,000 to train on, 10,000 to evaluate on."""

    kind: Literal["cifar100"] = "cifar100"
    source: ClassVar[str] = "cs.toronto.edu/~kriz/cifar.html"
    folder: str = Field(
        "cifar-100-python", description="where the Python version's files lie, under GRADSWEEP_DATA"
    )

    def full_shape(self) -> DataShape:
        """Known without loading."""
        return DataShape((3, 32, 32), output_size=100, num_examples=50_000)

    def images(self) -> Images:
        """The shuffled images (N, 3, 32, 32)."""
        train, test = (_read_batch(path, b"fine_labels") for path in self._files().paths())
        return shuffled(*train, *test)

    def missing(self) -> str | None:
        """Which files are lacking."""
        return self._files().missing()

    def _files(self) -> LocalFiles:
        return LocalFiles("CIFAR-100", self.folder, (("train",), ("test",)))


class _ArrayUnpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in SAFE_GLOBALS:
            raise pickle.UnpicklingError(f"it names {module}.{name}, which no array needs")
        return super().find_class(module, name)


def _read_batch(path: Path, label_key: bytes) -> tuple[Tensor, Tensor]:
    """Pixels (N, 3, 32, 32) uint8 and labels (N,) of one batch file."""
    try:
        with path.open("rb") as file:
            batch = _ArrayUnpickler(file, encoding="bytes").load()
        pixels = np.asarray(batch[b"data"], dtype=np.uint8).reshape(-1, 3, 32, 32)
        labels = np.asarray(batch[label_key], dtype=np.int64)
    except (pickle.UnpicklingError, EOFError, KeyError, TypeError, ValueError) as error:
        raise DataMissingError(f"{path} is not a batch of CIFAR images ({error}): get it again") from error
    return torch.tensor(pixels), torch.tensor(labels)
