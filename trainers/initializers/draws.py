"""Random tensors in float64, from a given generator."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING

from trainers.late import torch
from trainers.layout import ParameterSpec

if TYPE_CHECKING:
    from torch import Tensor


def normal(spec: ParameterSpec, std: float, generator: torch.Generator) -> Tensor:
    """Independent draws from N(0, std²)."""
    return torch.randn(spec.shape, generator=generator, dtype=torch.float64) * std


def uniform(spec: ParameterSpec, bound: float, generator: torch.Generator) -> Tensor:
    """Independent draws from U[−bound, bound)."""
    return torch.rand(spec.shape, generator=generator, dtype=torch.float64).mul_(2).sub_(1).mul_(bound)


def orthogonal(num_rows: int, num_columns: int, generator: torch.Generator) -> Tensor:
    """A matrix with orthonormal rows or columns, whichever are fewer, uniform among all such (Haar)."""
    tall = torch.randn(
        max(num_rows, num_columns), min(num_rows, num_columns), generator=generator, dtype=torch.float64
    )
    q: Tensor
    q, r = torch.linalg.qr(tall)
    q = q.mul_(torch.where(r.diagonal() < 0, -1.0, 1.0))  # without this, Q would favour one half of the group
    return q if num_rows >= num_columns else q.mT


def as_matrix_shape(spec: ParameterSpec) -> tuple[int, int]:
    """Rows and columns of the tensor seen as a matrix: first dimension against all others."""
    return spec.shape[0], prod(spec.shape[1:])
