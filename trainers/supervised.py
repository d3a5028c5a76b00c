"""Supervised workloads: a dataset in memory, a model, and the loss of the dataset's task."""

from dataclasses import replace

import torch
from torch import Tensor

from trainers.config import WorkloadConfig
from trainers.data.base import Dataset
from trainers.losses import constant_baseline, loss_factor, task_accuracies, task_losses
from trainers.models.base import Model, Params, Tape
from trainers.precision import storage_dtype
from trainers.tape import SilentTape

MAX_EVAL_ROWS = 1 << 14
"""Examples times members per evaluation pass: bounds the activations' memory."""
MIN_EVAL_ROWS = 32
"""Examples of each member in a pass all the same: no more than what a training step usually holds."""


class Supervised:
    """The workload of one dataset and one model, on one device in one dtype."""

    def __init__(
        self, dataset: Dataset, model: Model, device: str, dtype: torch.dtype, loss_factor: float = 1.0
    ) -> None:
        self.dataset = _moved(dataset, device, dtype)
        self.model = model
        self.layout = model.layout
        self.num_examples = len(dataset.inputs)
        has_classes = dataset.task not in ("regression", "detection")
        self.num_classes = dataset.output_size if has_classes else None
        self.baseline_loss: float | None = loss_factor * constant_baseline(dataset.task, dataset.targets)
        self._loss_factor = loss_factor

    @classmethod
    def build(cls, config: WorkloadConfig, device: str, dtype: torch.dtype) -> "Supervised":
        """Load the data and build the model; raises `DataMissingError` or `ConfigError`."""
        dataset = config.data.load()
        factor = loss_factor(config.loss, dataset.task)
        return cls(dataset, config.model.build(dataset.shape), device, dtype, factor)

    def batch(self, indices: Tensor) -> tuple[Tensor, Tensor]:
        """Inputs and targets (K, B, ...) of the training examples `indices` (K, B)."""
        rows = indices.flatten()
        inputs = self.dataset.inputs.index_select(0, rows)
        targets = self.dataset.targets.index_select(0, rows)
        return inputs.view(*indices.shape, *inputs.shape[1:]), targets.view(
            *indices.shape, *targets.shape[1:]
        )

    def loss(self, params: Params, inputs: Tensor, targets: Tensor, tape: Tape) -> Tensor:
        """Mean loss of each member (K,)."""
        return self._losses(self.model.forward(params, inputs, tape), targets)

    def evaluate(self, params: Params) -> dict[str, Tensor]:
        """`eval_loss` (K,) and, for class targets, `eval_accuracy` (K,)."""
        K = len(next(iter(params.values())))
        inputs, targets = self.dataset.eval_inputs, self.dataset.eval_targets
        size = max(MIN_EVAL_ROWS, MAX_EVAL_ROWS // K)
        sums: dict[str, Tensor] = {}
        with torch.no_grad():
            for start in range(0, len(inputs), size):
                part = slice(start, start + size)
                scores = self._scores(params, inputs[part].unsqueeze(0), targets[part].unsqueeze(0))
                for name, value in scores.items():
                    sums[name] = sums.get(name, 0.0) + value * len(inputs[part])
        return {name: value / len(inputs) for name, value in sums.items()}

    def _scores(self, params: Params, inputs: Tensor, targets: Tensor) -> dict[str, Tensor]:
        outputs = self.model.forward(params, inputs, SilentTape())
        scores = {"eval_loss": self._losses(outputs, targets)}
        accuracy = task_accuracies(self.dataset.task, outputs, targets)
        if accuracy is not None:
            scores["eval_accuracy"] = accuracy
        return scores

    def _losses(self, outputs: Tensor, targets: Tensor) -> Tensor:
        losses = task_losses(self.dataset.task, outputs, targets)
        return losses if self._loss_factor == 1.0 else losses * self._loss_factor


def _moved(dataset: Dataset, device: str, dtype: torch.dtype) -> Dataset:
    of_targets = storage_dtype(dtype)  # 16 bits are for computing, not for what is to be met
    return replace(
        dataset,
        inputs=_to(dataset.inputs, device, dtype),
        targets=_to(dataset.targets, device, of_targets),
        eval_inputs=_to(dataset.eval_inputs, device, dtype),
        eval_targets=_to(dataset.eval_targets, device, of_targets),
    )


def _to(values: Tensor, device: str, dtype: torch.dtype) -> Tensor:
    return values.to(device, dtype) if values.is_floating_point() else values.to(device)
