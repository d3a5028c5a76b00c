"""What is added to the loss or drawn during training, chosen by `kind`."""

from typing import Annotated

from pydantic import Field

from trainers.regularisers.base import Regulariser as RegulariserBase
from trainers.regularisers.base import StackedRegulariser
from trainers.regularisers.cutout import Cutout
from trainers.regularisers.dropout import Dropout
from trainers.regularisers.input_noise import InputNoise
from trainers.regularisers.mixup import Mixup
from trainers.regularisers.penalty import GradientPenalty
from trainers.regularisers.shift import Shift
from trainers.regularisers.smoothing import LabelSmoothing
from trainers.regularisers.weights import L1, L2

RegulariserConfig = Annotated[
    L1 | L2 | Dropout | LabelSmoothing | GradientPenalty | InputNoise | Shift | Cutout | Mixup,
    Field(discriminator="kind"),
]

__all__ = [
    "L1", "L2", "Cutout", "Dropout", "GradientPenalty", "InputNoise", "LabelSmoothing", "Mixup",
    "RegulariserBase", "RegulariserConfig", "Shift", "StackedRegulariser",
]  # fmt: skip
