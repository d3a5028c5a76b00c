"""MNIST and Fashion-MNIST from IDX files, small ones made here."""

import gzip
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from trainers.data import FashionMnist, Mnist
from trainers.data.idx import read_idx
from trainers.errors import DataMissingError

NAMES = (
    "train-images-idx3-ubyte",
    "train-labels-idx1-ubyte",
    "t10k-images-idx3-ubyte",
    "t10k-labels-idx1-ubyte",
)


def idx_bytes(values: NDArray[np.uint8]) -> bytes:
    sizes = b"".join(size.to_bytes(4, "big") for size in values.shape)
    return bytes((0, 0, 8, values.ndim)) + sizes + values.tobytes()


def write_files(folder: Path, *, packed: bool = False, dotted: bool = False) -> list[NDArray[np.uint8]]:
    draws = np.random.default_rng(0)
    arrays = [
        draws.integers(0, 256, (6, 28, 28), dtype=np.uint8), np.arange(6, dtype=np.uint8),
        draws.integers(0, 256, (2, 28, 28), dtype=np.uint8), np.array([9, 8], dtype=np.uint8),
    ]  # fmt: skip
    folder.mkdir(parents=True)
    for name, values in zip(NAMES, arrays, strict=True):
        usual = name.replace("-idx", ".idx") if dotted else name
        if packed:
            (folder / f"{usual}.gz").write_bytes(gzip.compress(idx_bytes(values)))
        else:
            (folder / usual).write_bytes(idx_bytes(values))
    return arrays


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GRADSWEEP_DATA", str(tmp_path))
    return tmp_path


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("dotted", [False, True])
def test_the_full_set_is_read_from_its_four_files(root: Path, packed: bool, dotted: bool) -> None:
    pixels, labels, eval_pixels, eval_labels = write_files(root / "mnist", packed=packed, dotted=dotted)
    config = Mnist(subset="full")
    assert config.missing() is None
    dataset = config.load()
    order = dataset.targets.numpy()  # label i is that of image i
    assert sorted(order) == labels.tolist()
    assert np.array_equal((dataset.inputs * 255).round().numpy()[:, 0], pixels[order])
    assert np.array_equal((dataset.eval_inputs * 255).round().numpy()[:, 0], eval_pixels)
    assert dataset.eval_targets.tolist() == eval_labels.tolist()


def test_the_folder_can_be_named(root: Path) -> None:
    write_files(root / "clothes" / "v1")
    dataset = FashionMnist(folder="clothes/v1", limit=4).load()
    assert dataset.inputs.shape == (4, 1, 28, 28)


def test_missing_files_are_named_with_their_folder(root: Path) -> None:
    write_files(root / "fashion_mnist")
    (root / "fashion_mnist" / NAMES[2]).unlink()
    message = FashionMnist().missing()
    assert message is not None
    assert NAMES[2] in message
    assert NAMES[0] not in message
    assert str(root / "fashion_mnist") in message
    with pytest.raises(DataMissingError, match=NAMES[2]):
        FashionMnist().load()


def test_a_file_that_breaks_off_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "broken"
    path.write_bytes(idx_bytes(np.zeros((3, 2), dtype=np.uint8))[:-1])
    with pytest.raises(DataMissingError, match="has 17 bytes where its header promises 18"):
        read_idx(path)


@pytest.mark.parametrize("content", [b"", b"\0\0", b"\0\0\x0d\1\0\0\0\0", b"<html>not found</html>"])
def test_something_else_than_idx_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "page"
    path.write_bytes(content)
    with pytest.raises(DataMissingError, match="is not an IDX file"):
        read_idx(path)


@pytest.mark.parametrize(
    "content", [b"plain", gzip.compress(bytes(100), mtime=0)[:-9]], ids=["no archive", "cut short"]
)
def test_a_broken_archive_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "file.gz"
    path.write_bytes(content)
    with pytest.raises(DataMissingError, match="does not unpack"):
        read_idx(path)


def test_an_empty_array_stays_empty(tmp_path: Path) -> None:
    path = tmp_path / "none"
    path.write_bytes(idx_bytes(np.zeros((0, 28, 28), dtype=np.uint8)))
    assert torch.tensor(read_idx(path)).shape == (0, 28, 28)
