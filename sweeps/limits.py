"""How large a sweep may be. Larger ones are refused with the number, the limit and the way down."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """Largest sweep that is accepted; pass your own where the defaults do not fit."""

    max_spec_bytes: int = 262_144
    """Bytes of spec text, so that reading it stays cheap."""

    max_depth: int = 32
    """Mappings and lists inside each other."""

    max_nodes: int = 50_000
    """Values, mappings and lists in a spec."""

    max_axes: int = 32
    """Axes; a grid of more would be too large anyway."""

    max_trials: int = 50_000
    """Planned trials, repeats included."""

    max_steps: int = 1_000_000
    """Updates in one trial."""

    max_parameters: int = 100_000_000
    """Scalars in one model."""

    max_trial_steps: int = 1_000_000_000
    """Updates in all trials together."""


DEFAULT_LIMITS = Limits()
