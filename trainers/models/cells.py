"""Recurrent cells over all members at once: K members, B examples, T steps, n units.

Each `scan` starts from a zero state and gives the states (K, T, B, n). `projected` (K, T, B, gates·n) are
the inputs after their affine map.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from trainers.late import late
from trainers.layout import ParameterSpec
from trainers.models.activations import Activation
from trainers.models.base import Params

if TYPE_CHECKING:
    from torch import Tensor

    from trainers.models import gru, lstm, rnn, rnn_layer
else:  # their classes are made of torch's
    gru, lstm, rnn, rnn_layer = (
        late(f"trainers.models.{name}") for name in ("gru", "lstm", "rnn", "rnn_layer")
    )


class Cell(Protocol):
    """What a recurrent layer does at each step."""

    @property
    def num_gates(self) -> int:
        """Rows of a weight per unit."""
        ...

    def extra_specs(self, layer: str, size: int) -> list[ParameterSpec]:
        """Parameters besides input weight, recurrent weight and bias."""
        ...

    def input_bias(self, bias: Tensor) -> Tensor:
        """What is added to inputs, given the layer's bias (K, gates·n)."""
        ...

    def scan(self, projected: Tensor, params: Params, layer: str) -> Tensor:
        """States (K, T, B, n)."""
        ...

    def whole(self, inputs: Tensor, params: Params, layer: str) -> tuple[Tensor, Tensor] | None:
        """States and the last (K, B, n) of `inputs` (K or 1, T, B, d), where one piece does it all."""
        ...


@dataclass(frozen=True)
class PlainCell:
    """h = f(x + W h), as `torch.nn.RNN`."""

    activation: Activation
    num_gates: int = 1

    def extra_specs(self, layer: str, size: int) -> list[ParameterSpec]:
        """None."""
        return []

    def input_bias(self, bias: Tensor) -> Tensor:
        """The bias itself."""
        return bias

    def scan(self, projected: Tensor, params: Params, layer: str) -> Tensor:
        """States (K, T, B, n)."""
        recurrent = params[f"{layer}.recurrent"]
        if self.activation not in rnn.SLOPES:
            return rnn.plain_states(projected, recurrent, self.activation)
        states: Tensor = rnn.PlainScan.apply(projected, recurrent, self.activation)  # type: ignore[no-untyped-call]
        return states

    def whole(self, inputs: Tensor, params: Params, layer: str) -> tuple[Tensor, Tensor] | None:
        """Compiled, where it can be."""
        weight = params[f"{layer}.weight"]
        if not rnn_layer.suits(inputs, weight, self.activation):
            return None
        bias, recurrent = params[f"{layer}.bias"], params[f"{layer}.recurrent"]
        return rnn_layer.rnn_layer(inputs, weight, bias, recurrent, self.activation)


@dataclass(frozen=True)
class LstmCell:
    """Long short-term memory; `forget_bias` is added to the forget gate (Jozefowicz et al. 2015)."""

    forget_bias: float
    num_gates: int = 4

    def extra_specs(self, layer: str, size: int) -> list[ParameterSpec]:
        """None."""
        return []

    def input_bias(self, bias: Tensor) -> Tensor:
        """The bias, and the constant on the forget gate."""
        size = bias.shape[1] // self.num_gates
        constant = bias.new_zeros(bias.shape[1])
        constant[size : 2 * size] = self.forget_bias
        return bias + constant

    def scan(self, projected: Tensor, params: Params, layer: str) -> Tensor:
        """States (K, T, B, n)."""
        states: Tensor = lstm.LstmScan.apply(projected, params[f"{layer}.recurrent"])  # type: ignore[no-untyped-call]
        return states

    def whole(self, inputs: Tensor, params: Params, layer: str) -> tuple[Tensor, Tensor] | None:
        """Never."""
        return None


@dataclass(frozen=True)
class GruCell:
    """Gated recurrent unit; the candidate has a recurrent bias, which the reset gate acts on too."""

    num_gates: int = 3

    def extra_specs(self, layer: str, size: int) -> list[ParameterSpec]:
        """The candidate's recurrent bias (n,)."""
        return [ParameterSpec(f"{layer}.candidate_bias", (size,), "bias", layer, size, size)]

    def input_bias(self, bias: Tensor) -> Tensor:
        """The bias itself."""
        return bias

    def scan(self, projected: Tensor, params: Params, layer: str) -> Tensor:
        """States (K, T, B, n)."""
        recurrent, bias = params[f"{layer}.recurrent"], params[f"{layer}.candidate_bias"]
        states: Tensor = gru.GruScan.apply(projected, recurrent, bias)  # type: ignore[no-untyped-call]
        return states

    def whole(self, inputs: Tensor, params: Params, layer: str) -> tuple[Tensor, Tensor] | None:
        """Never."""
        return None
