"""Initializers: how a trial's parameters start."""

from typing import Annotated

from pydantic import Field

from trainers.initializers.base import Initializer, Probe
from trainers.initializers.fixup import Fixup
from trainers.initializers.kaiming import KaimingNormal, KaimingUniform
from trainers.initializers.lecun import LecunNormal, LecunUniform
from trainers.initializers.lsuv import Lsuv
from trainers.initializers.mean_field import MeanField
from trainers.initializers.mup import Mup
from trainers.initializers.normal import Normal, TruncatedNormal, Uniform
from trainers.initializers.orthogonal import Orthogonal
from trainers.initializers.spectral_radius import SpectralRadius
from trainers.initializers.structured import DeltaOrthogonal, Dirac, Sparse, Zeros
from trainers.initializers.tfixup import TFixup
from trainers.initializers.xavier import XavierNormal, XavierUniform

InitializerConfig = Annotated[
    KaimingNormal
    | KaimingUniform
    | XavierNormal
    | XavierUniform
    | LecunNormal
    | LecunUniform
    | Orthogonal
    | Normal
    | Uniform
    | TruncatedNormal
    | Zeros
    | Sparse
    | Dirac
    | DeltaOrthogonal
    | Lsuv
    | Fixup
    | TFixup
    | MeanField
    | SpectralRadius
    | Mup,
    Field(discriminator="kind"),
]

__all__ = [
    "DeltaOrthogonal", "Dirac", "Fixup", "Initializer", "InitializerConfig", "KaimingNormal",
    "KaimingUniform", "LecunNormal", "LecunUniform", "Lsuv", "MeanField", "Mup", "Normal", "Orthogonal",
    "Probe", "Sparse", "SpectralRadius", "TFixup", "TruncatedNormal", "Uniform", "XavierNormal",
    "XavierUniform", "Zeros",
]  # fmt: skip
