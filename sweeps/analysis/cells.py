"""Cells: all trials that share everything except learning rate and seed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sweeps.analysis.edges import Edge, find_edge
from sweeps.analysis.labels import setting_label
from sweeps.analysis.observation import Observation
from sweeps.analysis.points import LrPoint, lr_points
from sweeps.analysis.sensitivity import Sensitivity, cell_sensitivity


@dataclass(frozen=True)
class Cell:
    """One cell: what it varied besides the learning rate, its points, its edge and its LR sensitivity."""

    number: int
    label: str
    axes: dict[str, Any]
    points: tuple[LrPoint, ...]
    edge: Edge
    sensitivity: Sensitivity | None
    num_trials: int


def make_cells(trials: Sequence[Observation]) -> dict[str, Cell]:
    """The cells by `Observation.cell`, in the order of their first trial."""
    groups: dict[str, list[Observation]] = {}
    for trial in trials:
        groups.setdefault(trial.cell, []).append(trial)
    return {key: _cell(number, group) for number, (key, group) in enumerate(groups.items())}


def fewest_steps(trials: Sequence[Observation]) -> int:
    """Of the trials that were stopped early; the horizon where none was."""
    done = [trial.num_steps_done for trial in trials if trial.is_partial]
    return min(done, default=min(trial.num_steps for trial in trials))


def _for_edge(trials: Sequence[Observation], points: tuple[LrPoint, ...]) -> tuple[LrPoint, ...]:
    """Points less the trials that were stopped early before they were stable: no edge rests on them."""
    undecided = any(trial.is_partial and not trial.is_stable for trial in trials)
    if not undecided:
        return points
    return lr_points([trial for trial in trials if trial.is_stable or not trial.is_partial])


def _cell(number: int, trials: list[Observation]) -> Cell:
    points = lr_points(trials)
    return Cell(
        number=number,
        label=setting_label(trials[0].axes) if trials[0].axes else "all settings",
        axes=dict(trials[0].axes),
        points=points,
        edge=find_edge(_for_edge(trials, points), trials[0].num_steps, fewest_steps(trials)),
        sensitivity=cell_sensitivity(trials),
        num_trials=len(trials),
    )
