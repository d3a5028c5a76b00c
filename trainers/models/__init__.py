"""Models over all members of a pack at once, chosen by `kind`."""

from typing import Annotated

from pydantic import Field

from trainers.models.base import Model
from trainers.models.base import ModelConfig as ModelBase
from trainers.models.cnn import Cnn
from trainers.models.detector import Detector
from trainers.models.mlp import Mlp
from trainers.models.recurrent import Gru, Lstm, Rnn
from trainers.models.resnet import Resnet
from trainers.models.transformer import Transformer

ModelConfig = Annotated[
    Mlp | Cnn | Resnet | Rnn | Lstm | Gru | Transformer | Detector, Field(discriminator="kind")
]

__all__ = [
    "Cnn",
    "Detector",
    "Gru",
    "Lstm",
    "Mlp",
    "Model",
    "ModelBase",
    "ModelConfig",
    "Resnet",
    "Rnn",
    "Transformer",
]
