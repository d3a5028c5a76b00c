"""IDX files: the format of MNIST and Fashion-MNIST."""

import gzip
from math import prod
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from trainers.data.folders import LocalFiles
from trainers.errors import DataMissingError

UNSIGNED_BYTE = 8
"""The type code of the files that MNIST comes in."""


def idx_files(title: str, folder: str) -> LocalFiles:
    """The four files of an MNIST-like data set: training images and labels, then those of the test set."""
    stems = ("train-images", "train-labels", "t10k-images", "t10k-labels")
    names = tuple(_names(stem, 3 if stem.endswith("images") else 1) for stem in stems)
    return LocalFiles(title, folder, names)


def _names(stem: str, num_dimensions: int) -> tuple[str, ...]:
    plain = (f"{stem}-idx{num_dimensions}-ubyte", f"{stem}.idx{num_dimensions}-ubyte")
    return (*plain, *(f"{name}.gz" for name in plain))


def read_idx(path: Path) -> NDArray[np.uint8]:
    """The array of an IDX file of bytes, compressed with gzip or not.

    Raises `DataMissingError` when the file is not whole or not of this format.
    """
    raw = _content(path)
    num_dimensions = raw[3] if len(raw) >= 4 else 0
    if raw[:3] != bytes((0, 0, UNSIGNED_BYTE)) or len(raw) < 4 + 4 * num_dimensions:
        raise DataMissingError(f"{path} is not an IDX file of bytes: get it again from where it came from")
    shape = tuple(int(size) for size in np.frombuffer(raw, ">u4", num_dimensions, offset=4))
    expected = 4 + 4 * num_dimensions + prod(shape)
    if len(raw) != expected:
        raise DataMissingError(
            f"{path} is not whole: it has {len(raw)} bytes where its header promises {expected}; get it again"
        )
    return np.frombuffer(raw, np.uint8, offset=4 + 4 * num_dimensions).reshape(shape)


def _content(path: Path) -> bytes:
    if path.suffix != ".gz":
        return path.read_bytes()
    try:
        return gzip.decompress(path.read_bytes())
    except (OSError, EOFError) as error:
        raise DataMissingError(f"{path} does not unpack ({error}): get it again") from error
