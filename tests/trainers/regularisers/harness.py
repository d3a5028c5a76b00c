"""Stacks of one regulariser over members that differ."""

from collections.abc import Sequence

import torch
from torch import Tensor

from tests.trainers.trials import Quadratic
from trainers.regularisers import RegulariserBase, StackedRegulariser


class Classes(Quadratic):
    """A workload with five classes."""

    num_classes = 5


def stack(kinds: Sequence[RegulariserBase], num_values: int = 6) -> StackedRegulariser:
    """The regulariser of members 0, 1, …, in float64."""
    like = torch.zeros(len(kinds), num_values, dtype=torch.float64)
    return type(kinds[0]).stack(kinds, Classes([1.0]), like, list(range(len(kinds))))


def images(K: int, B: int = 3, size: int = 8) -> Tensor:
    """Random images (K, B, 1, size, size)."""
    return (
        torch.rand(K, B, 1, size, size, generator=torch.Generator().manual_seed(0), dtype=torch.float64) + 0.1
    )
