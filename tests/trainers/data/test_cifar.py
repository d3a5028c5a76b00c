"""CIFAR from pickled batches, small ones made here."""

import os
import pickle
from pathlib import Path

import numpy as np
import pytest

from trainers.data import Cifar10, Cifar100
from trainers.errors import DataMissingError


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GRADSWEEP_DATA", str(tmp_path))
    return tmp_path


def write_batch(path: Path, key: bytes, labels: list[int]) -> None:
    """Every pixel of an image is its label; red, green and blue differ by 100."""
    planes = [np.full((len(labels), 1024), 0, dtype=np.uint8) + np.array(labels, dtype=np.uint8)[:, None]]
    data = np.concatenate([planes[0], planes[0] + 100, planes[0] + 200], axis=1)
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(pickle.dumps({b"data": data, key: labels}, protocol=2))


def test_cifar10_is_read_from_its_six_files(root: Path) -> None:
    folder = root / "cifar-10-batches-py"
    for number in range(1, 6):
        write_batch(folder / f"data_batch_{number}", b"labels", [number, number])
    write_batch(folder / "test_batch", b"labels", [7])
    assert Cifar10().missing() is None
    dataset = Cifar10().load()
    assert sorted(dataset.targets.tolist()) == [1, 1, 2, 2, 3, 3, 4, 4, 5, 5]
    assert dataset.inputs.shape == (10, 3, 32, 32)
    pixels = (dataset.inputs * 255).round().long()
    for channel, offset in enumerate((0, 100, 200)):
        assert (pixels[:, channel] == dataset.targets[:, None, None] + offset).all()
    assert dataset.eval_targets.tolist() == [7]


def test_cifar100_takes_fine_labels(root: Path) -> None:
    write_batch(root / "cifar-100-python" / "train", b"fine_labels", [99, 3])
    write_batch(root / "cifar-100-python" / "test", b"fine_labels", [50])
    dataset = Cifar100().load()
    assert sorted(dataset.targets.tolist()) == [3, 99]
    assert dataset.output_size == 100


def test_missing_batches_are_named(root: Path) -> None:
    write_batch(root / "cifar-10-batches-py" / "data_batch_2", b"labels", [1])
    message = Cifar10().missing()
    assert message is not None
    assert "data_batch_1, data_batch_3" in message
    assert "data_batch_2" not in message


class Evil:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, ("made-by-a-pickle",)


def test_a_batch_cannot_run_code(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(root)
    folder = root / "cifar-100-python"
    folder.mkdir()
    for name in ("train", "test"):
        (folder / name).write_bytes(pickle.dumps(Evil()))
    with pytest.raises(DataMissingError, match=r"names \w+\.mkdir"):
        Cifar100().load()
    assert not (root / "made-by-a-pickle").exists()


@pytest.mark.parametrize("content", [b"", b"junk", pickle.dumps([1, 2]), pickle.dumps({b"data": 1})])
def test_something_else_than_a_batch_is_refused(root: Path, content: bytes) -> None:
    folder = root / "cifar-100-python"
    folder.mkdir()
    for name in ("train", "test"):
        (folder / name).write_bytes(content)
    with pytest.raises(DataMissingError, match="is not a batch of CIFAR images"):
        Cifar100().load()
