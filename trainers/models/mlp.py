"""The multilayer perceptron."""

from math import prod
from typing import Literal

from pydantic import Field, PositiveInt
from torch import Tensor

from trainers.layout import ParameterLayout
from trainers.models.activations import Activation, activate
from trainers.models.base import ModelConfig, Params, Tape
from trainers.models.functional import linear
from trainers.models.specs import dense_specs


class Mlp(ModelConfig):
    """Fully connected layers over the flattened input; without hidden layers it is a linear model."""

    kind: Literal["mlp"] = "mlp"
    hidden: tuple[PositiveInt, ...] = Field((128, 64), description="width of each hidden layer")
    activation: Activation = Field("relu", description="nonlinearity after each hidden layer")

    def build(self, input_shape: tuple[int, ...], output_size: int) -> "MlpModel":
        """A perceptron for examples of any shape, flattened."""
        return MlpModel(self, prod(input_shape), output_size)


class MlpModel:
    """A built perceptron: layers dense1 … denseN and output."""

    def __init__(self, config: Mlp, input_size: int, output_size: int) -> None:
        widths = (input_size, *config.hidden, output_size)
        self.hidden = tuple(f"dense{i + 1}" for i in range(len(config.hidden)))
        self.activation = config.activation
        specs = [
            spec
            for name, fan_in, fan_out in zip((*self.hidden, "output"), widths, widths[1:], strict=False)
            for spec in dense_specs(name, fan_in, fan_out, is_output=name == "output")
        ]
        self.layout = ParameterLayout(tuple(specs))

    def forward(self, params: Params, inputs: Tensor, tape: Tape) -> Tensor:
        """Outputs (K, B, out) for inputs (K or 1, B, ...)."""
        values = inputs.flatten(2)
        for name in self.hidden:
            values = linear(values, params[f"{name}.weight"], params[f"{name}.bias"])
            values = tape.dropout(name, tape.observe(name, activate(self.activation, values)))
        return tape.observe("output", linear(values, params["output.weight"], params["output.bias"]))
