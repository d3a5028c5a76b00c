"""Which trials train together: packs that keep every worker busy to the end."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sweeps.plan import PlannedTrial


@dataclass(frozen=True)
class PlannedPack:
    """Trials that one worker trains together; all share `signature`, so they may share a stack."""

    number: int
    signature: str
    trials: tuple["PlannedTrial", ...]
