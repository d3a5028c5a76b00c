"""The form of data: tensors in memory, one copy per worker process."""

from abc import abstractmethod
from dataclasses import dataclass
from typing import Literal

from torch import Tensor

from trainers.kinds import Kind

Task = Literal["classification", "regression", "sequence_classification", "language", "detection"]


@dataclass(frozen=True)
class DataShape:
    """What a plan needs to know of data: one example's shape, the model's outputs, examples to train on."""

    input_shape: tuple[int, ...]
    output_size: int
    num_examples: int


@dataclass(frozen=True)
class Dataset:
    """Examples for training (N, ...) and evaluation (E, ...), float32 inputs or int64 tokens.

    Classification targets are int64 (N,), language targets int64 (N, T), regression targets float (N, D).
    `output_size` is the number of classes or regression outputs that the model must give.
    """

    task: Task
    inputs: Tensor
    targets: Tensor
    eval_inputs: Tensor
    eval_targets: Tensor
    output_size: int

    @property
    def input_shape(self) -> tuple[int, ...]:
        """Shape of one example."""
        return tuple(self.inputs.shape[1:])


class DataConfig(Kind):
    """Base of data configs."""

    @abstractmethod
    def load(self) -> Dataset:
        """Read or make the data: the same config gives the same tensors everywhere.

        Raises `DataMissingError` when files are not on this machine; the message says which go where.
        """

    def shape(self) -> DataShape:
        """The shape of what `load` gives; cheap where it is known without loading."""
        dataset = self.load()
        return DataShape(dataset.input_shape, dataset.output_size, len(dataset.inputs))

    def missing(self) -> str | None:
        """Why `load` would raise `DataMissingError`, cheaply and without loading; None when it would not."""
        return None
