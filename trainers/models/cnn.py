"""The plain convolutional network."""

from __future__ import annotations

from functools import partial
from math import prod
from typing import TYPE_CHECKING, Literal

from pydantic import Field, PositiveInt

from trainers.data.base import DataShape
from trainers.errors import ConfigError
from trainers.layout import ParameterLayout, ParameterSpec
from trainers.models.activations import MONOTONE, Activation, activate
from trainers.models.base import ModelConfig, Params, Tape
from trainers.models.functional import image_conv, image_max_pool, linear
from trainers.models.inputs import channels_last, image_size
from trainers.models.members import each_member
from trainers.models.specs import conv_specs, dense_specs

if TYPE_CHECKING:
    from torch import Tensor


class Cnn(ModelConfig):
    """Convolutions, each with a max-pool after its nonlinearity, then fully connected layers."""

    kind: Literal["cnn"] = "cnn"
    channels: tuple[PositiveInt, ...] = Field((32,), min_length=1, description="of each convolution")
    kernel: int = Field(3, ge=1, le=63, description="side of each kernel")
    padding: Literal["valid", "same"] = Field("valid", description="'same' needs an odd kernel")
    pool: int = Field(2, ge=1, le=64, description="side of the pooling windows; 1 does not pool")
    dense: tuple[PositiveInt, ...] = Field((128,), description="width of each fully connected hidden layer")
    activation: Activation = Field("relu", description="nonlinearity of hidden layers")

    def build(self, shape: DataShape) -> CnnModel:
        """A convolutional network for images. Raises `ConfigError` when nothing is left of them."""
        if self.padding == "same" and self.kernel % 2 == 0:
            raise ConfigError(
                f"model.kernel {self.kernel} is even, so padding 'same' is uneven: use an odd one"
            )
        return CnnModel(self, shape)


class CnnTrunk:
    """Everything below the output: layers conv1 … convN and dense1 … denseM.

    Images lie as (K, B, H, W, C) inside, so the first dense layer sees (H, W, C) flattened.
    """

    def __init__(self, config: Cnn, kind: str, shape: DataShape) -> None:
        if config.padding == "same" and config.kernel % 2 == 0:
            raise ConfigError(f"model.kernel {config.kernel} is even, but padding 'same' needs an odd one")
        self.config = config
        self.padding = config.kernel // 2 if config.padding == "same" else 0
        self.convs = tuple(f"conv{i + 1}" for i in range(len(config.channels)))
        self.hidden = tuple(f"dense{i + 1}" for i in range(len(config.dense)))
        conv_part, num_features = self._conv_specs(*image_size(kind, shape))
        self.specs = [*conv_part, *self._dense_specs(num_features)]
        self.output_size = config.dense[-1] if config.dense else num_features

    def _conv_specs(self, channels: int, height: int, width: int) -> tuple[list[ParameterSpec], int]:
        """The convolutions' specs, and how many numbers they leave of an image."""
        specs: list[ParameterSpec] = []
        for layer, channels_out in zip(self.convs, self.config.channels, strict=True):
            sides = self._convolved(height), self._convolved(width)
            specs += conv_specs(layer, channels, channels_out, self.config.kernel, prod(sides))
            channels, height, width = channels_out, self._shrunk(height, layer), self._shrunk(width, layer)
        return specs, channels * height * width

    def _dense_specs(self, fan_in: int) -> list[ParameterSpec]:
        specs: list[ParameterSpec] = []
        for layer, fan_out in zip(self.hidden, self.config.dense, strict=True):
            specs += dense_specs(layer, fan_in, fan_out)
            fan_in = fan_out
        return specs

    def _convolved(self, side: int) -> int:
        return side + 2 * self.padding - self.config.kernel + 1

    def _shrunk(self, side: int, layer: str) -> int:
        left = self._convolved(side) // self.config.pool
        if left < 1:
            raise ConfigError(
                f"{layer} has nothing left of {side} pixels (model.kernel {self.config.kernel}, "
                f"model.pool {self.config.pool}): use fewer layers, padding 'same' or a smaller pool"
            )
        return left

    def forward(self, params: Params, inputs: Tensor, tape: Tape) -> Tensor:
        """Features (K, B, n) of images (K or 1, B, C, H, W)."""
        block = partial(conv_block, config=self.config, padding=self.padding)
        images = channels_last(inputs)
        for layer in self.convs:
            images = each_member(block, images, params[f"{layer}.weight"], params[f"{layer}.bias"])
            images = tape.dropout(layer, tape.observe(layer, images))
        values = images.flatten(2)
        for layer in self.hidden:
            values = linear(values, params[f"{layer}.weight"], params[f"{layer}.bias"])
            values = tape.dropout(layer, tape.observe(layer, activate(self.config.activation, values)))
        return values


class CnnModel:
    """A built network: the trunk's layers and output."""

    def __init__(self, config: Cnn, shape: DataShape) -> None:
        self.trunk = CnnTrunk(config, config.kind, shape)
        output = dense_specs("output", self.trunk.output_size, shape.output_size, is_output=True)
        self.layout = ParameterLayout((*self.trunk.specs, *output))

    def forward(self, params: Params, inputs: Tensor, tape: Tape) -> Tensor:
        """Outputs (K, B, out) for images (K or 1, B, C, H, W)."""
        features = self.trunk.forward(params, inputs, tape)
        return tape.observe("output", linear(features, params["output.weight"], params["output.bias"]))


def conv_block(images: Tensor, weight: Tensor, bias: Tensor, *, config: Cnn, padding: int) -> Tensor:
    """Convolution, nonlinearity and pooling of one member's images (B, H, W, C)."""
    values = image_conv(images, weight, bias, padding=padding)
    if config.activation in MONOTONE:
        return activate(config.activation, image_max_pool(values, config.pool))
    return image_max_pool(activate(config.activation, values), config.pool)
