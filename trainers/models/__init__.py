"""Models over all members of a pack at once, chosen by `kind`."""

from typing import Annotated

from pydantic import Field

from trainers.models.base import Model
from trainers.models.base import ModelConfig as ModelBase
from trainers.models.cnn import Cnn
from trainers.models.mlp import Mlp
from trainers.models.resnet import Resnet

ModelConfig = Annotated[Mlp | Cnn | Resnet, Field(discriminator="kind")]

__all__ = ["Cnn", "Mlp", "Model", "ModelBase", "ModelConfig", "Resnet"]
