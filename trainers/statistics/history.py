"""What a pack remembers of its members' steps until they end."""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from trainers.layout import ParameterLayout
from trainers.statistics.meter import ChunkStatistics
from trainers.statistics.series import StepSeries

Matrix = NDArray[np.float64]


class History:
    """Per-step statistics of the members of one stack, and per-layer gradient norms per report window.

    Columns are the members as the stack began; a member that leaves keeps its column.
    """

    def __init__(self, layout: ParameterLayout, report_steps: NDArray[np.int64], num_members: int) -> None:
        num_steps = int(report_steps[-1]) + 1
        self.num_members = num_members
        self._layout = layout
        self._report_steps = report_steps
        self._tables = {name: np.full((num_steps, num_members), np.nan) for name in StepSeries.names()}
        shape = (len(report_steps), num_members, len(layout.layers))
        self._layer_max = np.full(shape, np.nan)
        self._layer_last = np.full(shape, np.nan)
        self._membership = _membership(layout)

    def add(self, first_step: int, columns: Sequence[int], chunk: ChunkStatistics) -> None:
        """Remember a chunk (n, K) that began at `first_step`; `columns` says whose its K columns are."""
        steps = slice(first_step, first_step + chunk.steps.num_steps)
        for name, table in self._tables.items():
            table[steps, columns] = getattr(chunk.steps, name)
        self._add_layers(first_step, columns, layer_norms(chunk.tensor_norms, self._membership))

    def series(self, column: int, num_steps: int) -> StepSeries:
        """The first `num_steps` steps of one member."""
        return StepSeries(**{name: table[:num_steps, column].copy() for name, table in self._tables.items()})

    def layer_curves(self, column: int, num_windows: int) -> dict[str, Matrix]:
        """Gradient norms per layer of one member: each window's last value and maximum, (windows, L)."""
        return {
            "grad_norm": self._layer_last[:num_windows, column].copy(),
            "grad_norm_max": self._layer_max[:num_windows, column].copy(),
        }

    def state(self) -> dict[str, Tensor]:
        """Everything remembered, as tensors."""
        layers = {"layer_max": self._layer_max, "layer_last": self._layer_last}
        return {name: torch.from_numpy(table.copy()) for name, table in (self._tables | layers).items()}

    def load(self, state: dict[str, Tensor]) -> None:
        """Remember what `state` holds instead."""
        self._tables = {name: state[name].numpy().copy() for name in self._tables}
        self._layer_max = state["layer_max"].numpy().copy()
        self._layer_last = state["layer_last"].numpy().copy()

    def _add_layers(self, first_step: int, columns: Sequence[int], norms: Matrix) -> None:
        windows = np.searchsorted(self._report_steps, np.arange(first_step, first_step + len(norms)))
        for window in np.unique(windows):
            rows = norms[windows == window]
            highest = np.fmax.reduce(rows, axis=0)
            self._layer_max[window, columns] = np.fmax(self._layer_max[window, columns], highest)
            self._layer_last[window, columns] = rows[-1]


def layer_norms(tensor_norms: Matrix, membership: NDArray[np.int64]) -> Matrix:
    """Gradient norms per layer (..., L) from those per tensor (..., S); tensor s is of `membership[s]`."""
    num_layers = int(membership.max()) + 1
    peaks = np.zeros((*tensor_norms.shape[:-1], num_layers))
    for tensor, layer in enumerate(membership):
        peaks[..., layer] = np.hypot(peaks[..., layer], tensor_norms[..., tensor])
    return peaks


def _membership(layout: ParameterLayout) -> NDArray[np.int64]:
    place = {layer: index for index, layer in enumerate(layout.layers)}
    return np.array([place[spec.layer] for spec in layout.specs], dtype=np.int64)
