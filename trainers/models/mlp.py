"""The multilayer perceptron."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Literal

from pydantic import Field, PositiveInt

from trainers.data.base import DataShape
from trainers.errors import ConfigError
from trainers.layout import ParameterLayout, ParameterSpec
from trainers.models.activations import Activation, activate
from trainers.models.base import ModelConfig, Params, Tape
from trainers.models.functional import linear
from trainers.models.inputs import one_hot
from trainers.models.norms import Norm, norm_specs, normalise
from trainers.models.specs import dense_specs

if TYPE_CHECKING:
    from torch import Tensor


class Mlp(ModelConfig):
    """Fully connected layers over the flattened input; without hidden layers it is a linear model."""

    kind: Literal["mlp"] = "mlp"
    hidden: tuple[PositiveInt, ...] = Field((128, 64), description="width of each hidden layer")
    activation: Activation = Field("relu", description="nonlinearity after each hidden layer")
    norm: Norm = Field("none", description="normalisation before each nonlinearity")
    output_activation: Activation = Field("linear", description="nonlinearity of the output")
    bias: bool = Field(True, description="whether affine layers have a bias")

    def build(self, shape: DataShape) -> MlpModel:
        """A perceptron for examples of any shape, flattened; tokens become one-hot vectors."""
        if shape.task == "language":
            raise ConfigError(
                "model.kind 'mlp' gives one output per example, but these data want one per step: "
                "use rnn, lstm, gru or transformer"
            )
        return MlpModel(self, shape)


class MlpModel:
    """A built perceptron: layers dense1 … denseN and output."""

    def __init__(self, config: Mlp, shape: DataShape) -> None:
        self.config = config
        self.num_tokens = shape.num_tokens
        self.hidden = tuple(f"dense{i + 1}" for i in range(len(config.hidden)))
        input_size = prod(shape.input_shape) * (shape.num_tokens or 1)
        self.layout = ParameterLayout(tuple(self._specs(input_size, shape.output_size)))

    def _specs(self, input_size: int, output_size: int) -> list[ParameterSpec]:
        bias = self.config.bias
        specs: list[ParameterSpec] = []
        fan_in = input_size
        for layer, width in zip(self.hidden, self.config.hidden, strict=True):
            specs += dense_specs(layer, fan_in, width, bias=bias)
            specs += norm_specs(self.config.norm, f"{layer}.norm", width, layer)
            fan_in = width
        return specs + dense_specs("output", fan_in, output_size, bias=bias, is_output=True)

    def forward(self, params: Params, inputs: Tensor, tape: Tape) -> Tensor:
        """Outputs (K, B, out) for inputs (K or 1, B, ...)."""
        config = self.config
        if self.num_tokens is not None:
            inputs = one_hot(inputs, self.num_tokens, like=params["output.weight"])
        values = inputs.flatten(2)
        for layer in self.hidden:
            values = linear(values, params[f"{layer}.weight"], params.get(f"{layer}.bias"))
            values = normalise(config.norm, f"{layer}.norm", params, values)
            values = tape.dropout(layer, tape.observe(layer, activate(config.activation, values)))
        values = linear(values, params["output.weight"], params.get("output.bias"))
        return tape.observe("output", activate(config.output_activation, values))
