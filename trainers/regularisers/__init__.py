"""What is added to the loss or drawn during training, chosen by `kind`."""

from typing import Annotated

from pydantic import Field

from trainers.regularisers.base import Regulariser as RegulariserBase
from trainers.regularisers.base import StackedRegulariser
from trainers.regularisers.weights import L1, L2

RegulariserConfig = Annotated[L1 | L2, Field(discriminator="kind")]

__all__ = ["L1", "L2", "RegulariserBase", "RegulariserConfig", "StackedRegulariser"]
