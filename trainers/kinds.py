"""What every `kind: …` shares: a frozen, strictly parsed parameter model with a source."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from pydantic import BaseModel, ConfigDict

from trainers.late import torch

if TYPE_CHECKING:
    from torch import Tensor


class Frozen(BaseModel):
    """A parsed value: immutable, unknown keys refused, infinities and NaN refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Kind(Frozen):
    """One alternative of a tagged union; subclasses declare `kind: Literal[...]` and their parameters.

    The first docstring line, each `Field(description=...)` and `source` are what the catalogue shows.
    """

    source: ClassVar[str] = ""
    """Where the rule comes from: an arXiv id, or the library function it agrees with."""

    caution: ClassVar[str] = ""
    """What a user should know before choosing this kind; empty for most."""

    solo_reason: ClassVar[str] = ""
    """Why trials of this kind run one after another instead of stacked; empty when they stack."""


def column(kinds: Sequence[Kind], name: str, like: Tensor) -> Tensor:
    """One numeric parameter of every member as a tensor of shape (K, 1), on `like`'s device and dtype."""
    values = [float(getattr(kind, name)) for kind in kinds]
    return like.new_tensor(values).unsqueeze(1)


def exact_column(kinds: Sequence[Kind], name: str, like: Tensor) -> Tensor:
    """The same in float64, whatever `like`'s dtype: in float32, 1 − 0.999 is wrong in the fifth digit."""
    values = [float(getattr(kind, name)) for kind in kinds]
    return like.new_tensor(values, dtype=torch.float64).unsqueeze(1)
