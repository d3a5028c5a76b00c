"""A trial as a pack is handed it."""

from dataclasses import dataclass

from trainers.config import TrialConfig


@dataclass(frozen=True)
class PackTrial:
    """One trial to train: its number in the sweep and its config."""

    number: int
    config: TrialConfig
