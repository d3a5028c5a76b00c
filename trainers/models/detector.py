"""A small object detector: one class and one box per image."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import Field, PositiveInt

from trainers.data.base import BOX_SIZE, DataShape
from trainers.errors import ConfigError
from trainers.late import torch
from trainers.layout import ParameterLayout
from trainers.models.activations import Activation
from trainers.models.base import ModelConfig, Params, Tape
from trainers.models.cnn import Cnn, CnnTrunk
from trainers.models.functional import linear
from trainers.models.specs import dense_specs

if TYPE_CHECKING:
    from torch import Tensor


class Detector(ModelConfig):
    """Convolutions and dense layers with two heads: the object's class, and its box in the unit square."""

    kind: Literal["detector"] = "detector"
    channels: tuple[PositiveInt, ...] = Field((16, 32), min_length=1, description="of each convolution")
    kernel: int = Field(3, ge=1, le=63, description="side of each kernel")
    pool: int = Field(2, ge=1, le=64, description="side of the pooling windows; 1 does not pool")
    dense: tuple[PositiveInt, ...] = Field((64,), description="width of each fully connected hidden layer")
    activation: Activation = Field("relu", description="nonlinearity of hidden layers")

    def build(self, shape: DataShape) -> DetectorModel:
        """A detector. Raises `ConfigError` when the data have no boxes."""
        if shape.task != "detection":
            raise ConfigError(
                f"model.kind 'detector' needs boxes to find, but the task is {shape.task!r}: use cnn"
            )
        return DetectorModel(self, shape)


class DetectorModel:
    """A built detector: layers conv1 … denseM, class_output and box_output."""

    def __init__(self, config: Detector, shape: DataShape) -> None:
        body = config.model_dump(exclude={"kind"})
        self.trunk = CnnTrunk(Cnn(**body, padding="same"), config.kind, shape)
        size, num_classes = self.trunk.output_size, shape.output_size - BOX_SIZE
        heads = [
            *dense_specs("class_output", size, num_classes, is_output=True),
            *dense_specs("box_output", size, BOX_SIZE, is_output=True),
        ]
        self.layout = ParameterLayout((*self.trunk.specs, *heads))

    def forward(self, params: Params, inputs: Tensor, tape: Tape) -> Tensor:
        """Logits and box in one row (K, B, classes + 4) for images (K or 1, B, C, H, W)."""
        features = self.trunk.forward(params, inputs, tape)
        logits = linear(features, params["class_output.weight"], params["class_output.bias"])
        boxes = linear(features, params["box_output.weight"], params["box_output.bias"]).sigmoid()
        heads = tape.observe("class_output", logits), tape.observe("box_output", boxes)
        return torch.cat(heads, dim=-1)
