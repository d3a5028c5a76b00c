"""What an optimizer wants to add to the parameters of all members."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from trainers.late import torch

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True)
class Change:
    """Δw: `values` (K, P) times `factor` (K, 1), or the values themselves where that is None.

    A factor that is left for whoever makes the change saves a pass over memory, and leaves the values as they
    were.
    """

    values: Tensor
    factor: Tensor | None = None

    def tensor(self, out: Tensor | None = None) -> Tensor:
        """Δw (K, P), written to `out` where something has to be multiplied."""
        return self.values if self.factor is None else torch.mul(self.values, self.factor, out=out)
