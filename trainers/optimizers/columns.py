"""Hyperparameters of K members as columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from trainers.errors import PackError
from trainers.kinds import Kind
from trainers.late import torch

if TYPE_CHECKING:
    from torch import Tensor


def shared_flag(kinds: Sequence[Kind], name: str) -> bool:
    """A switch that all members must agree on; raises `PackError` when they do not."""
    return bool(shared_count(kinds, name))


def shared_count(kinds: Sequence[Kind], name: str) -> int:
    """A count that all members must agree on; raises `PackError` when they do not."""
    return int(_shared(kinds, name))


def shared_limit(kinds: Sequence[Kind], name: str) -> int | None:
    """A count or None that all members must agree on; raises `PackError` when they do not."""
    limit: int | None = _shared(kinds, name)
    return limit


def any_above_zero(values: Tensor) -> bool:
    """Whether a term with these factors has to be computed at all; asked once, when a stack is made."""
    return bool((values > 0).any())


def once_begun(values: Tensor, squares: Tensor) -> Tensor:
    """`values` (K, P), NaN for members whose running `squares` (K, P) are all zero: no gradient came yet."""
    return torch.where((squares != 0).any(dim=1, keepdim=True), values, torch.nan)


def _shared(kinds: Sequence[Kind], name: str) -> Any:
    values = {getattr(kind, name) for kind in kinds}
    if len(values) > 1:
        raise PackError(f"members of one stack must agree on {name}; put them in different packs")
    return values.pop()
