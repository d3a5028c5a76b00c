"""Class targets as distributions."""

import torch
from torch import Tensor
from torch.nn.functional import one_hot


def soft_targets(targets: Tensor, num_classes: int, dtype: torch.dtype) -> Tensor:
    """Targets (K, B, ..., C) in `dtype`; classes (K, B, ...) become one-hot rows, soft ones stay."""
    return targets if targets.is_floating_point() else one_hot(targets, num_classes).to(dtype)
