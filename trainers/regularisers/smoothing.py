"""Label smoothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, Self

from pydantic import Field

from trainers.data.base import DataShape
from trainers.errors import ConfigError
from trainers.kinds import column
from trainers.regularisers.base import Regulariser, StackedRegulariser
from trainers.regularisers.targets import soft_targets
from trainers.workload import Workload

if TYPE_CHECKING:
    from torch import Tensor


class LabelSmoothing(Regulariser):
    """Trains towards (1 − ε)·one-hot + ε/C; evaluation keeps the hard classes."""

    kind: Literal["label_smoothing"] = "label_smoothing"
    source = "Szegedy et al. 2015, arXiv 1512.00567; torch.nn.CrossEntropyLoss(label_smoothing)"
    weight: float = Field(0.1, ge=0, le=1, description="ε, the share spread evenly over all classes")

    def unfit(self, shape: DataShape) -> str | None:
        """Only classes can be smoothed."""
        return f"{self.kind} needs class targets" if shape.task in ("regression", "detection") else None

    @classmethod
    def stack(
        cls, kinds: Sequence[Self], workload: Workload, like: Tensor, seeds: Sequence[int]
    ) -> StackedLabelSmoothing:
        """Weights ε (K, 1); raises `ConfigError` when the targets are not classes."""
        if workload.num_classes is None:
            raise ConfigError("label_smoothing needs class targets; leave it out of a regression")
        return StackedLabelSmoothing(column(kinds, "weight", like), workload.num_classes)


class StackedLabelSmoothing(StackedRegulariser):
    """Label smoothing for K members."""

    def __init__(self, weight: Tensor, num_classes: int) -> None:
        self.weight = weight  # (K, 1)
        self.num_classes = num_classes

    def batch(self, inputs: Tensor, targets: Tensor, step: int) -> tuple[Tensor, Tensor]:
        """Soft targets (K, B, ..., C)."""
        soft = soft_targets(targets, self.num_classes, self.weight.dtype)
        weight = self.weight.view(-1, *[1] * (soft.dim() - 1))
        return inputs, soft * (1 - weight) + weight / self.num_classes
