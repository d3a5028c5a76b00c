"""Weights that are mostly zero, or a copy of the input."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from trainers.initializers.base import Initializer
from trainers.initializers.draws import as_matrix_shape, normal, orthogonal
from trainers.late import torch
from trainers.layout import ParameterSpec

if TYPE_CHECKING:
    from torch import Tensor


class Zeros(Initializer):
    """Zero weights, the control that shows why weights must differ."""

    kind: Literal["zeros"] = "zeros"
    source = "torch.nn.init.zeros_"
    caution = "the units of a hidden layer start alike and stay alike: nothing breaks the symmetry"

    def weight(self, spec: ParameterSpec, generator: torch.Generator) -> Tensor:
        """Zeros; nothing is drawn."""
        return torch.zeros(spec.shape, dtype=torch.float64)


class Sparse(Initializer):
    """Normal weights of which a fixed share of each input's is zero."""

    kind: Literal["sparse"] = "sparse"
    source = "Martens 2010; torch.nn.init.sparse_"
    sparsity: float = Field(0.9, ge=0, lt=1, description="share of each input's weights that is zero")
    std: float = Field(0.01, gt=0, le=1e6, description="standard deviation of the other weights")

    def weight(self, spec: ParameterSpec, generator: torch.Generator) -> Tensor:
        """Draws from N(0, std²), then zeroes ⌈sparsity·out⌉ rows of each column at random."""
        num_rows, num_columns = as_matrix_shape(spec)
        order = torch.rand(num_rows, num_columns, generator=generator).argsort(dim=0)
        kept = order >= ceil(self.sparsity * num_rows)
        return normal(spec, self.std, generator) * kept.reshape(spec.shape)


class Dirac(Initializer):
    """Layers that pass their input on unchanged: identity matrices, and kernels that are 1 at the centre."""

    kind: Literal["dirac"] = "dirac"
    source = "torch.nn.init.dirac_; Le et al. 2015, arXiv 1504.00941, for recurrent weights"

    def weight(self, spec: ParameterSpec, generator: torch.Generator) -> Tensor:
        """The identity between the first min(in, out) channels; nothing is drawn."""
        num_out, num_in = spec.shape[:2]
        return at_centre(spec, torch.eye(num_out, num_in, dtype=torch.float64))


class DeltaOrthogonal(Initializer):
    """Kernels that are an orthogonal matrix at their centre and zero around it."""

    kind: Literal["delta_orthogonal"] = "delta_orthogonal"
    source = "Xiao et al. 2018, arXiv 1806.05393"
    gain: float = Field(1.0, gt=0, le=1e6, description="factor on every singular value")

    def weight(self, spec: ParameterSpec, generator: torch.Generator) -> Tensor:
        """A layer with fewer outputs than inputs gets orthonormal rows; dense weights are orthogonal."""
        num_out, num_in = spec.shape[:2]
        return at_centre(spec, orthogonal(num_out, num_in, generator) * self.gain)


def at_centre(spec: ParameterSpec, matrix: Tensor) -> Tensor:
    """A kernel (out, in, ...) that is `matrix` (out, in) at its centre and zero elsewhere."""
    kernel = torch.zeros(spec.shape, dtype=torch.float64)
    centre = kernel
    for size in reversed(spec.shape[2:]):
        centre = centre[..., size // 2]
    centre.copy_(matrix)
    return kernel
