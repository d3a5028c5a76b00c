"""What is trained: data + model + loss, behind three methods that outside packages can implement too."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from trainers.layout import ParameterLayout
from trainers.models.base import Params, Tape

if TYPE_CHECKING:
    from torch import Tensor


class Workload(Protocol):
    """A workload as the pack's loop sees it. K members, B examples; losses are per member.

    `num_classes` is None unless the loss also takes soft class targets (K, B, ..., classes).
    `baseline_loss` is the loss of the best constant prediction, None where that says nothing.
    """

    layout: ParameterLayout
    num_examples: int
    num_classes: int | None
    baseline_loss: float | None

    def batch(self, indices: Tensor) -> tuple[Tensor, Tensor]:
        """Inputs and targets (K, B, ...) of the training examples `indices` (K, B); (1, B) when shared."""
        ...

    def loss(self, params: Params, inputs: Tensor, targets: Tensor, tape: Tape) -> Tensor:
        """Mean loss of each member (K,)."""
        ...

    def evaluate(self, params: Params) -> dict[str, Tensor]:
        """Metrics on held-out data, each (K,); always has `eval_loss`, a classifier adds `eval_accuracy`."""
        ...
