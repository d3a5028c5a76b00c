"""What training one trial leaves behind: its outcome with evidence, its curves, its final numbers."""

import io
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

OutcomeName = Literal[
    "stable", "spiky", "oscillating", "stalled", "vanished", "diverged", "exploded", "failed"
]
Phase = Literal["forward", "backward", "update"]

OUTCOMES: tuple[OutcomeName, ...] = (
    "stable", "spiky", "oscillating", "stalled", "vanished", "diverged", "exploded", "failed",
)  # fmt: skip


@dataclass(frozen=True)
class Evidence:
    """Why a trial got its outcome: the rule that fired, where, and the number against its threshold."""

    rule: str
    step: int | None = None
    value: float | None = None
    threshold: float | None = None
    layer: str | None = None
    phase: Phase | None = None


@dataclass(frozen=True)
class Verdict:
    """An outcome with its evidence."""

    outcome: OutcomeName
    evidence: Evidence


@dataclass(frozen=True)
class Curves:
    """Statistics at R report points; each covers the window of steps since the previous point.

    `steps` (R,) holds the last step of each window. `scalars` maps a curve name to (R,) float32;
    not-a-number marks what was not measured there. `layers` maps a per-layer statistic to (R, S),
    S being `layer_names`.
    """

    steps: NDArray[np.int64]
    scalars: dict[str, NDArray[np.float32]]
    layer_names: tuple[str, ...]
    layers: dict[str, NDArray[np.float32]]

    @classmethod
    def from_bytes(cls, blob: bytes) -> "Curves":
        """Curves from NumPy's archive, in which the ledger kept them first."""
        with np.load(io.BytesIO(blob), allow_pickle=False) as archive:
            return cls(
                steps=archive["steps"],
                scalars={n.removeprefix("scalar:"): archive[n] for n in archive if n.startswith("scalar:")},
                layer_names=tuple(str(name) for name in archive["layer_names"]),
                layers={n.removeprefix("layer:"): archive[n] for n in archive if n.startswith("layer:")},
            )

    def __reduce__(self) -> tuple[Callable[..., "Curves"], tuple[Any, ...]]:
        """Curves go from a worker to the runner as few arrays: each takes longer than all of its numbers."""
        scalars, layers = self.scalars, self.layers
        named = (tuple(scalars), _together(scalars.values()), tuple(layers), _together(layers.values()))
        return _apart, (self.steps, self.layer_names, *named)


def _together(arrays: Iterable[NDArray[Any]]) -> NDArray[Any] | list[NDArray[Any]]:
    """One array where all have the same type and shape."""
    rows = list(arrays)
    return np.stack(rows) if len({(row.dtype, row.shape) for row in rows}) == 1 else rows


def _apart(
    steps: NDArray[np.int64],
    layer_names: tuple[str, ...],
    scalar_names: tuple[str, ...],
    scalars: Iterable[NDArray[Any]],
    names: tuple[str, ...],
    layers: Iterable[NDArray[Any]],
) -> Curves:
    by_name = dict(zip(scalar_names, scalars, strict=True))
    return Curves(steps, by_name, layer_names, dict(zip(names, layers, strict=True)))


@dataclass(frozen=True)
class TrialRecord:
    """The result of one trial. `final` holds finite numbers or None; its keys are metric names.

    `final` always has `train_loss`, `eval_loss`, `stability_score` (0 to 1), `nonfinite` (0 or 1),
    and `initial_loss`; a classifier adds `eval_accuracy`.
    """

    number: int
    verdict: Verdict
    num_steps_done: int
    final: dict[str, float | None]
    curves: Curves
    train_seconds: float
    error: str | None = None
    """The traceback's last lines when the outcome is `failed`."""


@dataclass(frozen=True)
class PackRecord:
    """How a pack was trained: the choice between stacked and one after another, and its timings.

    `seconds_per_trial_step` maps a tried stack size (1 means one after another) to its measured cost.
    """

    signature: str
    num_trials: int
    stack_size: int
    seconds_per_trial_step: dict[int, float]
    train_seconds: float
