"""The plan: every trial of a sweep, decided before the first one runs."""

from dataclasses import dataclass
from typing import Any

from sweeps.spec.model import SweepSpec
from trainers.config import TrialConfig


@dataclass(frozen=True)
class PlannedTrial:
    """One trial to train. `number` counts configurations first: config_number · seeds + repeat.

    `axes` holds what the spec's axes set for it, by dotted path, as the spec writes it.
    """

    number: int
    config_number: int
    repeat: int
    config: TrialConfig
    axes: dict[str, Any]


@dataclass(frozen=True)
class Plan:
    """All trials of a sweep. The same spec gives the same plan, byte for byte."""

    spec: SweepSpec
    trials: tuple[PlannedTrial, ...]
    num_configurations: int
    num_duplicates: int
    """Configurations that the search gave again, and that were left out."""
