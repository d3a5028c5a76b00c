"""Recurrent networks: plain, LSTM and GRU."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import Field

from trainers.data.base import DataShape
from trainers.layout import ParameterLayout, ParameterSpec
from trainers.models.activations import Activation
from trainers.models.base import ModelConfig, Params, Tape
from trainers.models.cells import Cell, GruCell, LstmCell, PlainCell
from trainers.models.functional import linear, linear_steps, lookup
from trainers.models.inputs import as_sequences, sequence_size
from trainers.models.specs import dense_specs, recurrent_specs

if TYPE_CHECKING:
    from torch import Tensor

HIDDEN = Field(50, ge=1, le=65_536, description="units per layer")
LAYERS = Field(1, ge=1, le=64, description="recurrent layers, each reading the one below")


class Rnn(ModelConfig):
    """A plain recurrent network; one output per sequence, or per step for language."""

    kind: Literal["rnn"] = "rnn"
    source = "torch.nn.RNN"
    hidden: int = HIDDEN
    layers: int = LAYERS
    activation: Activation = Field("tanh", description="nonlinearity; 'linear' gives a linear recurrence")

    def build(self, shape: DataShape) -> RecurrentModel:
        """A network for sequences, tokens or the rows of images."""
        return RecurrentModel(self.kind, PlainCell(self.activation), self.hidden, self.layers, shape)


class Lstm(ModelConfig):
    """Long short-term memory; one output per sequence, or per step for language."""

    kind: Literal["lstm"] = "lstm"
    source = "torch.nn.LSTM; Jozefowicz et al. 2015 for the forget bias"
    hidden: int = HIDDEN
    layers: int = LAYERS
    forget_bias: float = Field(1.0, ge=-100, le=100, description="constant added to the forget gate")

    def build(self, shape: DataShape) -> RecurrentModel:
        """A network for sequences, tokens or the rows of images."""
        return RecurrentModel(self.kind, LstmCell(self.forget_bias), self.hidden, self.layers, shape)


class Gru(ModelConfig):
    """A gated recurrent unit; one output per sequence, or per step for language."""

    kind: Literal["gru"] = "gru"
    source = "torch.nn.GRU"
    hidden: int = HIDDEN
    layers: int = LAYERS

    def build(self, shape: DataShape) -> RecurrentModel:
        """A network for sequences, tokens or the rows of images."""
        return RecurrentModel(self.kind, GruCell(), self.hidden, self.layers, shape)


class RecurrentModel:
    """A built network: layers KIND1 … KINDn and output. Tokens pick a column of the first input weight."""

    def __init__(self, kind: str, cell: Cell, size: int, num_layers: int, shape: DataShape) -> None:
        self.cell = cell
        self.layers = tuple(f"{kind}{i + 1}" for i in range(num_layers))
        self.reads_tokens = shape.num_tokens is not None
        self.every_step = shape.task == "language"
        size_in = sequence_size(kind, shape)[1]
        specs: list[ParameterSpec] = []
        for layer in self.layers:
            specs += recurrent_specs(layer, size_in, size, cell.num_gates)
            specs += cell.extra_specs(layer, size)
            size_in = size
        self.layout = ParameterLayout(
            (*specs, *dense_specs("output", size, shape.output_size, is_output=True))
        )

    def forward(self, params: Params, inputs: Tensor, tape: Tape) -> Tensor:
        """Outputs (K, B, out), or (K, B, T, out) when every step has one, for inputs (K or 1, B, T, ...)."""
        states, last = inputs, None
        for index, layer in enumerate(self.layers):
            states, last = self._layer(params, layer, states, is_first=index == 0)
            states = tape.dropout(layer, tape.observe(layer, states.transpose(1, 2))).transpose(1, 2)
        weight, bias = params["output.weight"], params["output.bias"]
        if self.every_step:
            return tape.observe("output", linear_steps(states, weight, bias).transpose(1, 2))
        if last is None or tape.touches:
            last = states[:, -1]
        return tape.observe("output", linear(last, weight, bias))

    def _layer(
        self, params: Params, layer: str, below: Tensor, *, is_first: bool
    ) -> tuple[Tensor, Tensor | None]:
        """States (K, T, B, n) of inputs (K or 1, B, T, ...) or of states below; and the last, if at hand."""
        weight, bias = params[f"{layer}.weight"], self.cell.input_bias(params[f"{layer}.bias"])
        if is_first and self.reads_tokens:
            projected = lookup(below.transpose(1, 2), weight.mT) + bias[:, None, None]
            return self.cell.scan(projected, params, layer), None
        steps = as_sequences(below).transpose(1, 2) if is_first else below
        whole = self.cell.whole(steps, params, layer)
        if whole is not None:
            return whole
        return self.cell.scan(linear_steps(steps, weight, bias), params, layer), None
