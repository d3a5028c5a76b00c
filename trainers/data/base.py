"""The form of data: tensors in memory, one copy per worker process."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from trainers.data.folders import data_root
from trainers.kinds import Kind

if TYPE_CHECKING:
    from torch import Tensor

Task = Literal["classification", "regression", "sequence_classification", "language", "detection"]
"""What a model must give for an example, and what the targets are; C classes, T steps, D numbers.

| task | output | target |
|---|---|---|
| classification | logits (C,) | class, int64 () |
| sequence_classification | logits (C,) after the last step | class, int64 () |
| language | logits (T, C), one prediction a step | classes, int64 (T,) |
| regression | numbers (D,), after the last step of a sequence | numbers, float (D,) |
| detection | logits (C − 4) and box (4,) in one row (C,) | class and box, float (5,) |

A box is (centre x, centre y, width, height) in units of the image's sides.
"""

BOX_SIZE = 4
"""Numbers that describe a box."""


@dataclass(frozen=True)
class DataShape:
    """What a plan and a model need to know of data, without the data itself.

    `input_shape` is one example's: (C, H, W) images, (T, D) sequences, (T,) tokens below `num_tokens`, or
    (D,) numbers. `num_tokens` is None unless inputs are tokens. `num_examples` counts those to train on.
    """

    input_shape: tuple[int, ...]
    output_size: int
    num_examples: int
    task: Task = "classification"
    num_tokens: int | None = None


@dataclass(frozen=True)
class Dataset:
    """Examples for training (N, ...) and evaluation (E, ...), float32 inputs or int64 tokens.

    Targets are as `Task` says. `output_size` is what the model must give for one example (or one step):
    the number of classes, of regression outputs, or of classes and box numbers together.
    """

    task: Task
    inputs: Tensor
    targets: Tensor
    eval_inputs: Tensor
    eval_targets: Tensor
    output_size: int
    num_tokens: int | None = None

    @property
    def input_shape(self) -> tuple[int, ...]:
        """Shape of one example."""
        return tuple(self.inputs.shape[1:])

    @property
    def shape(self) -> DataShape:
        """What a model for these data is built from."""
        return DataShape(
            self.input_shape, self.output_size, len(self.inputs), task=self.task, num_tokens=self.num_tokens
        )


class DataConfig(Kind):
    """Base of data configs."""

    @abstractmethod
    def read(self) -> Dataset:
        """Read or make the data: the same config gives the same tensors everywhere.

        Raises `DataMissingError` when files are not on this machine; the message says which go where.
        """

    def load(self) -> Dataset:
        """The data, read once per process; nobody may write to its tensors. Raises what `read` raises."""
        return _read_once(self, data_root())

    def shape(self) -> DataShape:
        """The shape of what `load` gives; cheap where it is known without loading."""
        return self.load().shape

    def missing(self) -> str | None:
        """Why `load` would raise `DataMissingError`, cheaply and without loading; None when it would not."""
        return None


@lru_cache(maxsize=4)
def _read_once(config: DataConfig, root: Path) -> Dataset:
    return config.read()
