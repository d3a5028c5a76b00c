"""Japanese Vowels from .ts files, small ones made here."""

import sys
from pathlib import Path

import pytest
import torch

from trainers.data import JapaneseVowels
from trainers.data.ts_files import read_ts
from trainers.data.vowels import FILES
from trainers.errors import DataMissingError

HEADER = "#Recordings\n@problemName Tiny\n@dimensions 2\n@classLabel true 1 2\n@data\n"


def test_series_of_various_lengths_are_read_with_their_labels(tmp_path: Path) -> None:
    path = tmp_path / "tiny.ts"
    path.write_text(HEADER + "1.5,2:-1,4e-1:2\n\n3:0.25:1\n")
    found = read_ts(path)
    assert found.labels == ("2", "1")
    assert torch.equal(found.series[0], torch.tensor([[1.5, -1.0], [2.0, 0.4]]))
    assert torch.equal(found.series[1], torch.tensor([[3.0, 0.25]]))


@pytest.mark.parametrize("content", ["", "1,2:3,4:1\n", HEADER, HEADER + "1,x:2,3:1\n", HEADER + "1,2:3:1\n"])
def test_something_else_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "tiny.ts"
    path.write_text(content)
    with pytest.raises(DataMissingError, match=r"is not a \.ts file"):
        read_ts(path)


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine without aeon, whose data lie in `root`/data."""
    monkeypatch.setenv("GRADSWEEP_DATA", str(tmp_path / "data"))
    monkeypatch.setattr(sys, "path", [str(tmp_path / "packages")])
    return tmp_path


def write_files(folder: Path) -> None:
    folder.mkdir(parents=True)
    for name in FILES:
        (folder / name).write_text(HEADER + "1,3:10,30:2\n2,4,6:20,40,60:1")


def test_recordings_are_standardised_and_end_together(root: Path) -> None:
    write_files(root / "data" / "japanese_vowels")
    assert JapaneseVowels().missing() is None
    dataset = JapaneseVowels().load()
    assert dataset.inputs.shape == (2, 29, 2)
    assert dataset.targets.tolist() == [1, 0]
    assert (dataset.inputs[0, :27] == 0).all()
    assert (dataset.inputs[0, 27:] != 0).all()
    said = torch.cat([dataset.inputs[0, 27:], dataset.inputs[1, 26:]])
    torch.testing.assert_close(said.mean(dim=0), torch.zeros(2), atol=1e-6, rtol=0)
    torch.testing.assert_close(said.std(dim=0), torch.ones(2))


def test_files_of_an_installed_aeon_are_found(root: Path) -> None:
    write_files(root / "packages" / "aeon" / "datasets" / "data" / "JapaneseVowels")
    assert JapaneseVowels().missing() is None
    assert JapaneseVowels().load().targets.tolist() == [1, 0]


def test_missing_recordings_say_how_to_get_them(root: Path) -> None:
    message = JapaneseVowels().missing()
    assert message is not None
    assert FILES[0] in message
    assert "pip install --no-deps aeon" in message
    with pytest.raises(DataMissingError, match="pip install --no-deps aeon"):
        JapaneseVowels().load()
