"""Speech: nine speakers saying two Japanese vowels."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from trainers.data.base import DataConfig, Dataset, DataShape
from trainers.data.folders import LocalFiles
from trainers.data.shipped import shipped_folder
from trainers.data.ts_files import LabelledSeries, read_ts
from trainers.errors import DataMissingError
from trainers.late import torch

if TYPE_CHECKING:
    from torch import Tensor

FILES = ("JapaneseVowels_TRAIN.ts", "JapaneseVowels_TEST.ts")
NUM_COEFFICIENTS = 12
LONGEST = 29
"""Steps of the longest recording; shorter ones begin with zeros, so that the last step is always speech."""


class JapaneseVowels(DataConfig):
    """Recognise nine speakers by their vowels: 270 recordings to train on, 370 to evaluate on."""

    kind: Literal["japanese_vowels"] = "japanese_vowels"
    source: ClassVar[str] = "Kudo, Toyama and Shimbo 1999; the files that aeon ships"
    folder: str = Field(
        "japanese_vowels",
        description="where the two .ts files lie under GRADSWEEP_DATA, unless aeon ships them",
    )

    def shape(self) -> DataShape:
        """Known without loading."""
        return DataShape((LONGEST, NUM_COEFFICIENTS), 9, 270, task="sequence_classification")

    def read(self) -> Dataset:
        """Inputs (N, 29, 12), standardised per coefficient; targets (N,)."""
        train, test = (read_ts(path) for path in self._paths())
        values = torch.cat(train.series)
        mean, deviation = values.mean(dim=0), values.std(dim=0)
        classes = {label: index for index, label in enumerate(sorted(set(train.labels)))}
        return Dataset(
            "sequence_classification",
            _padded(train, mean, deviation),
            _targets(train, classes),
            _padded(test, mean, deviation),
            _targets(test, classes),
            output_size=len(classes),
        )

    def missing(self) -> str | None:
        """How to get the recordings when neither aeon nor the folder has them."""
        message = self._files().missing()
        if message is None or _shipped_paths() is not None:
            return None
        return f"{message}, or: pip install --no-deps aeon"

    def _paths(self) -> list[Path]:
        """The folder's files, else those that aeon ships."""
        message = self.missing()
        if message is not None:
            raise DataMissingError(message)
        shipped = _shipped_paths()
        return self._files().paths() if shipped is None or self._files().missing() is None else shipped

    def _files(self) -> LocalFiles:
        return LocalFiles("Japanese Vowels", self.folder, tuple((name,) for name in FILES))


def _shipped_paths() -> list[Path] | None:
    """Where an installed aeon keeps the files; it is not imported, since only its files are wanted."""
    folder = shipped_folder("aeon", "datasets", "data", "JapaneseVowels")
    if folder is None:
        return None
    paths = [folder / name for name in FILES]
    return paths if all(path.is_file() for path in paths) else None


def _padded(recordings: LabelledSeries, mean: Tensor, deviation: Tensor) -> Tensor:
    longest = max(LONGEST, *(len(series) for series in recordings.series))
    padded = torch.zeros(len(recordings.series), longest, len(mean))
    for row, series in enumerate(recordings.series):
        padded[row, longest - len(series) :] = (series - mean) / deviation
    return padded


def _targets(recordings: LabelledSeries, classes: dict[str, int]) -> Tensor:
    return torch.tensor([classes[label] for label in recordings.labels])
