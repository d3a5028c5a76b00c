"""Initializers: how a trial's parameters start."""

from typing import Annotated

from pydantic import Field

from trainers.initializers.base import Initializer
from trainers.initializers.kaiming import KaimingNormal, KaimingUniform
from trainers.initializers.lecun import LecunNormal, LecunUniform
from trainers.initializers.normal import Normal
from trainers.initializers.orthogonal import Orthogonal
from trainers.initializers.xavier import XavierNormal, XavierUniform

InitializerConfig = Annotated[
    KaimingNormal
    | KaimingUniform
    | LecunNormal
    | LecunUniform
    | Normal
    | Orthogonal
    | XavierNormal
    | XavierUniform,
    Field(discriminator="kind"),
]

__all__ = [
    "Initializer", "InitializerConfig", "KaimingNormal", "KaimingUniform", "LecunNormal", "LecunUniform",
    "Normal", "Orthogonal", "XavierNormal", "XavierUniform",
]  # fmt: skip
