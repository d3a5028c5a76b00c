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

    Rows are the members as the stack began; a member that leaves keeps its row.
    """

    def __init__(self, layout: ParameterLayout, report_steps: NDArray[np.int64], num_members: int) -> None:
        num_steps = int(report_steps[-1]) + 1
        self.num_members = num_members
        self._layout = layout
        self._report_steps = report_steps
        self._tables = {name: np.full((num_members, num_steps), np.nan) for name in StepSeries.names()}
        shape = (num_members, len(report_steps), len(layout.layers))
        self._layer_max = np.full(shape, np.nan)
        self._layer_last = np.full(shape, np.nan)
        self._membership = _membership(layout)

    def add(self, first_step: int, rows: Sequence[int], chunk: ChunkStatistics) -> None:
        """Remember a chunk (n, K) that began at `first_step`; `rows` says whose its K columns are."""
        steps = slice(first_step, first_step + chunk.num_steps)
        for name, table in self._tables.items():
            table[rows, steps] = getattr(chunk.steps, name).T
        self._add_layers(first_step, rows, layer_norms(chunk.tensor_norms, self._membership))

    def series(self, rows: Sequence[int], num_steps: int) -> StepSeries:
        """The first `num_steps` steps of members, arrays (rows, num_steps)."""
        return StepSeries(**{name: table[rows, :num_steps] for name, table in self._tables.items()})

    def layer_curves(self, rows: Sequence[int], num_windows: int) -> dict[str, Matrix]:
        """Gradient norms per layer: each window's last value and maximum, (rows, windows, L)."""
        return {
            "grad_norm": self._layer_last[rows, :num_windows],
            "grad_norm_max": self._layer_max[rows, :num_windows],
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

    def _add_layers(self, first_step: int, rows: Sequence[int], norms: Matrix) -> None:
        windows = np.searchsorted(self._report_steps, np.arange(first_step, first_step + len(norms)))
        for window in np.unique(windows):
            of_window = norms[windows == window]
            highest = np.fmax.reduce(of_window, axis=0)
            self._layer_max[rows, window] = np.fmax(self._layer_max[rows, window], highest)
            self._layer_last[rows, window] = of_window[-1]


def layer_norms(tensor_norms: Matrix, membership: NDArray[np.int64]) -> Matrix:
    """Gradient norms per layer (..., L) from those per tensor (..., S); tensor s is of `membership[s]`."""
    norms: dict[int, Matrix] = {}
    for tensor, layer in enumerate(membership.tolist()):
        values = tensor_norms[..., tensor]
        norms[layer] = np.hypot(norms[layer], values) if layer in norms else values
    return np.stack([norms[layer] for layer in range(len(norms))], axis=-1)


def _membership(layout: ParameterLayout) -> NDArray[np.int64]:
    place = {layer: index for index, layer in enumerate(layout.layers)}
    return np.array([place[spec.layer] for spec in layout.specs], dtype=np.int64)
