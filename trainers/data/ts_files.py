"""The .ts text format of time-series archives: one labelled, possibly multivariate, series a line."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from trainers.errors import DataMissingError
from trainers.late import torch

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True)
class LabelledSeries:
    """Series (T, D) of various lengths and their labels."""

    series: tuple[Tensor, ...]
    labels: tuple[str, ...]


def read_ts(path: Path) -> LabelledSeries:
    """The series of a .ts file without time stamps: dimensions parted by colons, the label last.

    Raises `DataMissingError` when the file is not of this format.
    """
    _, marker, body = path.read_text(encoding="utf-8").partition("@data\n")
    try:
        rows = [_parse(line) for line in body.splitlines() if line.strip()]
    except ValueError as error:
        raise DataMissingError(f"{path} is not a .ts file ({error}): get it again") from error
    if not marker or not rows:
        raise DataMissingError(f"{path} is not a .ts file (it has no @data): get it again")
    return LabelledSeries(tuple(series for series, _ in rows), tuple(label for _, label in rows))


def _parse(line: str) -> tuple[Tensor, str]:
    *dimensions, label = line.split(":")
    values = [[float(value) for value in dimension.split(",")] for dimension in dimensions]
    return torch.tensor(values).T.contiguous(), label.strip()
