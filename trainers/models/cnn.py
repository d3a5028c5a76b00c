"""The plain convolutional network."""

from functools import partial
from typing import Literal

from pydantic import Field, PositiveInt
from torch import Tensor

from trainers.data.base import DataShape
from trainers.errors import ConfigError
from trainers.layout import ParameterLayout, ParameterSpec
from trainers.models.activations import MONOTONE, Activation, activate
from trainers.models.base import ModelConfig, Params, Tape
from trainers.models.functional import image_conv, image_max_pool, linear
from trainers.models.inputs import channels_last, image_size
from trainers.models.members import each_member
from trainers.models.specs import conv_specs, dense_specs


class Cnn(ModelConfig):
    """Convolutions, each with a max-pool after its nonlinearity, then fully connected layers."""

    kind: Literal["cnn"] = "cnn"
    channels: tuple[PositiveInt, ...] = Field((32,), min_length=1, description="of each convolution")
    kernel: int = Field(3, ge=1, le=63, description="side of each kernel")
    padding: Literal["valid", "same"] = Field("valid", description="'same' needs an odd kernel")
    pool: int = Field(2, ge=1, le=64, description="side of the pooling windows; 1 does not pool")
    dense: tuple[PositiveInt, ...] = Field((128,), description="width of each fully connected hidden layer")
    activation: Activation = Field("relu", description="nonlinearity of hidden layers")

    def build(self, shape: DataShape) -> "CnnModel":
        """A convolutional network for images. Raises `ConfigError` when nothing is left of them."""
        if self.padding == "same" and self.kernel % 2 == 0:
            raise ConfigError(
                f"model.kernel {self.kernel} is even, so padding 'same' is uneven: use an odd one"
            )
        return CnnModel(self, shape)


class CnnModel:
    """A built network: layers conv1 … convN, dense1 … denseM and output.

    Images lie as (K, B, H, W, C) inside, so the first dense layer sees (H, W, C) flattened.
    """

    def __init__(self, config: Cnn, shape: DataShape) -> None:
        self.config = config
        self.padding = config.kernel // 2 if config.padding == "same" else 0
        self.convs = tuple(f"conv{i + 1}" for i in range(len(config.channels)))
        self.hidden = tuple(f"dense{i + 1}" for i in range(len(config.dense)))
        self.layout = ParameterLayout(tuple(self._specs(shape)))

    def _specs(self, shape: DataShape) -> list[ParameterSpec]:
        config = self.config
        channels, height, width = image_size(config.kind, shape)
        specs: list[ParameterSpec] = []
        for layer, channels_out in zip(self.convs, config.channels, strict=True):
            specs += conv_specs(layer, channels, channels_out, config.kernel)
            channels, height, width = channels_out, self._shrunk(height, layer), self._shrunk(width, layer)
        fan_in = channels * height * width
        for layer, fan_out in zip(self.hidden, config.dense, strict=True):
            specs += dense_specs(layer, fan_in, fan_out)
            fan_in = fan_out
        return specs + dense_specs("output", fan_in, shape.output_size, is_output=True)

    def _shrunk(self, side: int, layer: str) -> int:
        left = (side + 2 * self.padding - self.config.kernel + 1) // self.config.pool
        if left < 1:
            raise ConfigError(
                f"{layer} has nothing left of {side} pixels (model.kernel {self.config.kernel}, "
                f"model.pool {self.config.pool}): use fewer layers, padding 'same' or a smaller pool"
            )
        return left

    def forward(self, params: Params, inputs: Tensor, tape: Tape) -> Tensor:
        """Outputs (K, B, out) for images (K or 1, B, C, H, W)."""
        block = partial(_conv_block, config=self.config, padding=self.padding)
        images = channels_last(inputs)
        for layer in self.convs:
            images = each_member(block, images, params[f"{layer}.weight"], params[f"{layer}.bias"])
            images = tape.dropout(layer, tape.observe(layer, images))
        values = images.flatten(2)
        for layer in self.hidden:
            values = linear(values, params[f"{layer}.weight"], params[f"{layer}.bias"])
            values = tape.dropout(layer, tape.observe(layer, activate(self.config.activation, values)))
        return tape.observe("output", linear(values, params["output.weight"], params["output.bias"]))


def _conv_block(images: Tensor, weight: Tensor, bias: Tensor, *, config: Cnn, padding: int) -> Tensor:
    """Convolution, nonlinearity and pooling of one member's images (B, H, W, C)."""
    values = image_conv(images, weight, bias, padding=padding)
    if config.activation in MONOTONE:
        return activate(config.activation, image_max_pool(values, config.pool))
    return image_max_pool(activate(config.activation, values), config.pool)
