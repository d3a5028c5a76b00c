"""How training was stopped before its last step."""

from dataclasses import dataclass
from typing import Literal

from trainers.record import Phase


@dataclass(frozen=True)
class Ending:
    """Training stopped at `step`: a value was not finite (`exploded`), or the loss left (`diverged`).

    `phase` and `layer` say where the first non-finite value appeared, as far as it could be told.
    `loss_scale` is given when a float16 gradient overflowed though that scale could not be halved any more.
    """

    kind: Literal["exploded", "diverged"]
    step: int
    phase: Phase | None = None
    layer: str | None = None
    loss_scale: float | None = None
