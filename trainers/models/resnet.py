"""The residual convolutional network."""

from __future__ import annotations

from functools import partial
from math import prod
from typing import TYPE_CHECKING, Literal

from pydantic import Field, PositiveInt

from trainers.data.base import DataShape
from trainers.errors import ConfigError
from trainers.late import functional
from trainers.layout import ParameterLayout, ParameterSpec
from trainers.models.activations import Activation, activate
from trainers.models.base import ModelConfig, Params, Tape
from trainers.models.functional import image_conv, linear
from trainers.models.inputs import channels_last, image_size
from trainers.models.members import each_member
from trainers.models.specs import conv_specs, dense_specs

if TYPE_CHECKING:
    from torch import Tensor


class Resnet(ModelConfig):
    """Residual blocks of two 3×3 convolutions in stages that halve the image, with or without group norm."""

    kind: Literal["resnet"] = "resnet"
    source = "arXiv 1512.03385, shortcuts of option A; arXiv 1803.08494 for group norm"
    channels: tuple[PositiveInt, ...] = Field((16, 32, 64), min_length=1, description="of each stage")
    blocks: int = Field(1, ge=1, le=100, description="residual blocks per stage")
    norm: Literal["none", "group_norm"] = Field("group_norm", description="after each convolution")
    groups: int = Field(
        8, ge=1, description="channel groups of the norm; every stage's channels are a multiple"
    )
    activation: Activation = Field("relu", description="nonlinearity inside and after each block")

    def build(self, shape: DataShape) -> ResnetModel:
        """A residual network for images of any size."""
        for channels in self.channels if self.norm == "group_norm" else ():
            if channels % self.groups:
                raise ConfigError(
                    f"model.groups {self.groups} does not divide {channels} channels: use a common divisor"
                )
        if any(after < before for before, after in zip(self.channels, self.channels[1:], strict=False)):
            raise ConfigError(
                f"model.channels {self.channels} shrink, but shortcuts only add channels: list them rising"
            )
        return ResnetModel(self, shape)


class ResnetModel:
    """A built network: layers stem, stageS.blockB.conv1 and conv2, and output."""

    def __init__(self, config: Resnet, shape: DataShape) -> None:
        self.config = config
        self.blocks = tuple(
            (f"stage{s + 1}.block{b + 1}", 2 if s > 0 and b == 0 else 1)
            for s in range(len(config.channels))
            for b in range(config.blocks)
        )
        self.layout = ParameterLayout(tuple(self._specs(shape)))

    def _specs(self, shape: DataShape) -> list[ParameterSpec]:
        channels, *sides = image_size(self.config.kind, shape)
        specs = self._conv("stem", channels, self.config.channels[0], prod(sides), branch="")
        channels = self.config.channels[0]
        for index, (block, stride) in enumerate(self.blocks):
            width = self.config.channels[index // self.config.blocks]
            sides = [-(-side // stride) for side in sides]
            specs += self._conv(f"{block}.conv1", channels, width, prod(sides), branch=block)
            specs += self._conv(f"{block}.conv2", width, width, prod(sides), branch=block)
            channels = width
        return specs + dense_specs("output", channels, shape.output_size, is_output=True)

    def _conv(
        self, layer: str, channels_in: int, channels_out: int, num_pixels: int, *, branch: str
    ) -> list[ParameterSpec]:
        if self.config.norm == "none":
            return conv_specs(layer, channels_in, channels_out, 3, num_pixels, branch=branch)
        size = (channels_out,)
        return [
            *conv_specs(layer, channels_in, channels_out, 3, num_pixels, bias=False, branch=branch),
            ParameterSpec(f"{layer}.norm.scale", size, "scale", layer, *size, *size, branch=branch),
            ParameterSpec(f"{layer}.norm.shift", size, "bias", layer, *size, *size, branch=branch),
        ]

    def forward(self, params: Params, inputs: Tensor, tape: Tape) -> Tensor:
        """Outputs (K, B, out) for images (K or 1, B, C, H, W)."""
        images = self._unit(params, "stem", channels_last(inputs), None, 1, tape)
        for block, stride in self.blocks:
            inner = self._unit(params, f"{block}.conv1", images, None, stride, tape)
            images = self._unit(params, f"{block}.conv2", inner, images, 1, tape)
        values = images.mean(dim=(2, 3))
        return tape.observe("output", linear(values, params["output.weight"], params["output.bias"]))

    def _unit(
        self, params: Params, layer: str, images: Tensor, shortcut: Tensor | None, stride: int, tape: Tape
    ) -> Tensor:
        names = ("weight", "bias", "norm.scale", "norm.shift")
        unit = partial(conv_unit, config=self.config, stride=stride)
        tensors = [params.get(f"{layer}.{name}") for name in names]
        return tape.dropout(layer, tape.observe(layer, each_member(unit, images, *tensors, shortcut)))


def conv_unit(
    images: Tensor,
    weight: Tensor,
    bias: Tensor | None,
    scale: Tensor | None,
    shift: Tensor | None,
    shortcut: Tensor | None,
    *,
    config: Resnet,
    stride: int,
) -> Tensor:
    """Convolution, norm, shortcut and nonlinearity of one member's images (B, H, W, C)."""
    values = image_conv(images, weight, bias, stride=stride, padding=1)
    if scale is not None:
        channels_first = values.permute(0, 3, 1, 2).contiguous()  # vmap cannot ask for another layout
        normed = functional.group_norm(channels_first, config.groups, scale, shift)
        values = normed.permute(0, 2, 3, 1)
    if shortcut is not None:
        values = values + _reduced(shortcut, values)
    return activate(config.activation, values)


def _reduced(images: Tensor, like: Tensor) -> Tensor:
    """Every second pixel, and zeros for new channels, where the block changed the size."""
    if images.shape == like.shape:
        return images
    stride = 1 if images.shape[1] == like.shape[1] else 2
    return functional.pad(images[:, ::stride, ::stride], (0, like.shape[3] - images.shape[3]))
