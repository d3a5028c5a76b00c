"""Data as tensors in memory, chosen by `kind`."""

from typing import Annotated

from pydantic import Field

from trainers.data.base import DataConfig as DataBase
from trainers.data.base import Dataset, DataShape, Task
from trainers.data.digits import Digits
from trainers.data.mnist import Mnist

DataConfig = Annotated[Digits | Mnist, Field(discriminator="kind")]

__all__ = ["DataBase", "DataConfig", "DataShape", "Dataset", "Digits", "Mnist", "Task"]
