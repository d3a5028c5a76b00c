"""State that has one row per pack member, and leaves with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trainers.late import torch

if TYPE_CHECKING:
    from torch import Tensor


class Stacked:
    """Base of per-pack state: every tensor attribute has the member dimension K first.

    Subclasses keep plain numbers, tensors with leading dimension K, lists or dicts of such tensors,
    and other `Stacked` objects as attributes; nothing else may vary with K.
    """

    def keep(self, rows: Tensor) -> None:
        """Drop the members not named by `rows` (int64, sorted): members that end leave the pack."""
        for name, value in vars(self).items():
            setattr(self, name, _select(value, rows))


def _select(value: Any, rows: Tensor) -> Any:
    if isinstance(value, torch.Tensor):
        return value.index_select(0, rows.to(value.device))
    if isinstance(value, list):
        return [_select(item, rows) for item in value]
    if isinstance(value, dict):
        return {key: _select(item, rows) for key, item in value.items()}
    if isinstance(value, Stacked):
        value.keep(rows)
    return value
