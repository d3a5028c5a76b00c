"""How far a pack is."""

from dataclasses import dataclass


@dataclass(frozen=True)
class PackProgress:
    """How far a pack is. Steps of trials that ended early count as done."""

    num_trials: int
    num_ended: int
    num_steps_done: int
    num_steps_total: int
