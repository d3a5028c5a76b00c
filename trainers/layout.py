"""How a model's parameters lie in one flat row: names, shapes, roles and offsets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from math import prod
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from torch import Tensor

Role = Literal["weight", "recurrent", "bias", "scale", "embedding"]


@dataclass(frozen=True)
class ParameterSpec:
    """One parameter tensor as its model declares it, without the trial dimension.

    `fan_in` and `fan_out` are those of the field's initialisers (receptive field included);
    weights are (out, in, ...), as in `torch.nn`. `scale` (norm gains) starts at 1 and `bias` at 0
    unless an initialiser says otherwise. `branch` names the residual branch that the tensor lies in, so
    that depth-aware initialisers can count branches; it is empty outside of any. `num_pixels` is how many
    numbers of an output channel a convolution makes of one image; 1 for everything else.
    """

    name: str
    shape: tuple[int, ...]
    role: Role
    layer: str
    fan_in: int = 1
    fan_out: int = 1
    is_output: bool = False
    branch: str = ""
    num_pixels: int = 1

    @property
    def size(self) -> int:
        """Number of scalars."""
        return prod(self.shape)


@dataclass(frozen=True)
class ParameterLayout:
    """All parameters of a model, in forward order, packed into rows of `size` scalars.

    A pack keeps its parameters as one matrix (K, P): row k belongs to member k, and tensor s of
    every member lies in columns `bounds[s]`.
    """

    specs: tuple[ParameterSpec, ...]

    @cached_property
    def bounds(self) -> tuple[tuple[int, int], ...]:
        """Half-open column range of each tensor."""
        bounds, start = [], 0
        for spec in self.specs:
            bounds.append((start, start + spec.size))
            start += spec.size
        return tuple(bounds)

    @cached_property
    def size(self) -> int:
        """P: scalars per member."""
        return sum(spec.size for spec in self.specs)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Tensor names in forward order."""
        return tuple(spec.name for spec in self.specs)

    @cached_property
    def layers(self) -> tuple[str, ...]:
        """Layer names in forward order, each once."""
        return tuple(dict.fromkeys(spec.layer for spec in self.specs))

    def views(self, flat: Tensor) -> dict[str, Tensor]:
        """Views of `flat` (K, P) by name, each (K, *shape)."""
        return {
            spec.name: flat[:, start:stop].view(len(flat), *spec.shape)
            for spec, (start, stop) in zip(self.specs, self.bounds, strict=True)
        }

    def segments(self, flat: Tensor) -> list[Tensor]:
        """Views of `flat` (K, P) in order, each (K, size of the tensor)."""
        return [flat[:, start:stop] for start, stop in self.bounds]

    def flatten(self, tensors: Mapping[str, Tensor], out: Tensor) -> Tensor:
        """Copy per-tensor values (K, *shape) into `out` (K, P) and return it."""
        for spec, (start, stop) in zip(self.specs, self.bounds, strict=True):
            out[:, start:stop] = tensors[spec.name].flatten(1)
        return out
