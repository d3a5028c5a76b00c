"""The form of an initializer: how one trial's parameters start."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, TypeAlias

from trainers.kinds import Kind
from trainers.late import torch
from trainers.layout import ParameterLayout, ParameterSpec

if TYPE_CHECKING:
    from torch import Tensor

Probe: TypeAlias = "Callable[[Tensor], Mapping[str, Tensor]]"
"""Runs the model at parameters (P,) on training examples; gives each layer's output (B, ...) by name."""


class Initializer(Kind):
    """Base of initializer configs; works on one trial at a time, on the CPU, in float64."""

    @abstractmethod
    def weight(self, spec: ParameterSpec, generator: torch.Generator) -> Tensor:
        """A float64 tensor of `spec.shape` for a tensor whose role is `weight` or `recurrent`."""

    def bias(self, spec: ParameterSpec, generator: torch.Generator) -> Tensor:
        """Biases start at zero unless the scheme says otherwise."""
        return torch.zeros(spec.shape, dtype=torch.float64)

    def embedding(self, spec: ParameterSpec, generator: torch.Generator) -> Tensor:
        """Embeddings are draws from N(0, 0.02²) unless the scheme says otherwise."""
        return torch.randn(spec.shape, generator=generator, dtype=torch.float64) * 0.02

    def initialize(
        self, layout: ParameterLayout, generator: torch.Generator, probe: Probe | None = None
    ) -> Tensor:
        """All parameters of one trial as a float64 row (P,). Same generator seed, same row.

        Schemes that look at activations need `probe` and raise `ConfigError` without it.
        """
        tensors = [self._tensor(spec, generator).flatten() for spec in layout.specs]
        return torch.cat(tensors) if tensors else torch.empty(0, dtype=torch.float64)

    def rate_factors(self, layout: ParameterLayout, *, adaptive: bool) -> Tensor | None:
        """Factors (P,) on the learning rate that belong to the scheme, None when there are none.

        `adaptive` says whether the optimizer divides gradients by their size, as Adam does.
        """
        return None

    def _tensor(self, spec: ParameterSpec, generator: torch.Generator) -> Tensor:
        if spec.role in ("weight", "recurrent"):
            return self.weight(spec, generator)
        if spec.role == "bias":
            return self.bias(spec, generator)
        if spec.role == "scale":
            return torch.ones(spec.shape, dtype=torch.float64)
        return self.embedding(spec, generator)
