"""Data as tensors in memory, chosen by `kind`."""

from typing import Annotated

from pydantic import Field

from trainers.data.adding import Adding
from trainers.data.arithmetic import ModularAddition
from trainers.data.base import DataConfig as DataBase
from trainers.data.base import Dataset, DataShape, Task
from trainers.data.canvas import DigitCanvas
from trainers.data.cifar import Cifar10, Cifar100
from trainers.data.digits import Digits
from trainers.data.memory import CopyMemory, TemporalOrder
from trainers.data.mnist import FashionMnist, Mnist
from trainers.data.regression import Chebyshev, LinearRegression, OrGate, RandomTargets, TeacherStudent
from trainers.data.text import CharLm
from trainers.data.vowels import JapaneseVowels

DataConfig = Annotated[
    Digits
    | Mnist
    | FashionMnist
    | Cifar10
    | Cifar100
    | DigitCanvas
    | JapaneseVowels
    | CharLm
    | Adding
    | TemporalOrder
    | CopyMemory
    | ModularAddition
    | TeacherStudent
    | LinearRegression
    | RandomTargets
    | Chebyshev
    | OrGate,
    Field(discriminator="kind"),
]

__all__ = [
    "Adding",
    "CharLm",
    "Chebyshev",
    "Cifar10",
    "Cifar100",
    "CopyMemory",
    "DataBase",
    "DataConfig",
    "DataShape",
    "Dataset",
    "DigitCanvas",
    "Digits",
    "FashionMnist",
    "JapaneseVowels",
    "LinearRegression",
    "Mnist",
    "ModularAddition",
    "OrGate",
    "RandomTargets",
    "Task",
    "TeacherStudent",
    "TemporalOrder",
]
