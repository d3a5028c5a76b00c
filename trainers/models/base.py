"""The form of a model: declared parameters and a forward pass over all members of a pack at once."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal, Protocol, TypeAlias

from trainers.data.base import DataShape
from trainers.kinds import Kind
from trainers.layout import ParameterLayout

if TYPE_CHECKING:
    from torch import Tensor

Params: TypeAlias = "Mapping[str, Tensor]"
"""Parameters by name, each (K, *shape)."""


Part = Literal["units", "logits"]
"""What a layer may show of itself: its units after the nonlinearity (K, B, ..., n), or attention logits.

Logits are (K, N, T, T), before those of later steps than a row's own are masked.
"""


class Tape(Protocol):
    """What a forward pass tells, and asks, of whoever runs it."""

    @property
    def touches(self) -> bool:
        """Whether `observe` or `dropout` may change values, or wait for their gradients."""
        ...

    def observe(self, layer: str, activation: Tensor) -> Tensor:
        """Pass a layer's output (K, B, ...) through; a diagnosing tape looks at it, others do nothing."""
        ...

    def inside(self, layer: str, part: Part, values: Tensor) -> None:
        """Show a part of a layer that its output does not tell."""
        ...

    def dropout(self, layer: str, activation: Tensor) -> Tensor:
        """Apply the trial's dropout to a hidden activation; each member draws from its own generator."""
        ...

    def penalty(self, value: Tensor) -> None:
        """Add a model's own loss term (K,), for example a z-loss."""
        ...


class Model(Protocol):
    """A built model: no state of its own, so one object serves every member and every step."""

    layout: ParameterLayout

    def forward(self, params: Params, inputs: Tensor, tape: Tape) -> Tensor:
        """Outputs (K, B, ...) for inputs (K, B, ...); inputs (1, B, ...) are shared by all members."""
        ...


class ModelConfig(Kind):
    """Base of model configs."""

    @abstractmethod
    def build(self, shape: DataShape) -> Model:
        """The model for data of `shape`; what it must give follows from `shape.task`, see `Task`.

        Raises `ConfigError` when model and data cannot be joined, for example an image model on sequences.
        """
