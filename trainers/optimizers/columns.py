"""Hyperparameters of K members as columns."""

from collections.abc import Sequence

import torch
from torch import Tensor

from trainers.errors import PackError
from trainers.kinds import Kind


def exact_column(kinds: Sequence[Kind], name: str, like: Tensor) -> Tensor:
    """One parameter of every member, float64 (K, 1) on `like`'s device.

    Decay rates stay in float64 until the last moment: in float32, 1 − 0.999 is wrong in the fifth digit.
    """
    values = [float(getattr(kind, name)) for kind in kinds]
    return torch.tensor(values, dtype=torch.float64, device=like.device).unsqueeze(1)


def shared_flag(kinds: Sequence[Kind], name: str) -> bool:
    """A switch that all members must agree on; raises `PackError` when they do not."""
    values = {bool(getattr(kind, name)) for kind in kinds}
    if len(values) > 1:
        raise PackError(f"members of one stack must agree on {name}; put them in different packs")
    return values.pop()


def any_above_zero(values: Tensor) -> bool:
    """Whether a term with these factors has to be computed at all; asked once, when a stack is made."""
    return bool((values > 0).any())
