"""Class targets as distributions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trainers.late import torch

if TYPE_CHECKING:
    from torch import Tensor


def soft_targets(targets: Tensor, num_classes: int, dtype: torch.dtype) -> Tensor:
    """Targets (K, B, ..., C) in `dtype`; classes (K, B, ...) become one-hot rows, soft ones stay."""
    if targets.is_floating_point():
        return targets
    hot = torch.zeros(*targets.shape, num_classes, dtype=dtype, device=targets.device)
    return hot.scatter_(-1, targets.unsqueeze(-1), 1.0)  # torch's one_hot asks the host for the largest class
