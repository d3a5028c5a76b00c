"""What was measured on a schedule, from the members' measurements to curves."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from trainers.statistics.noise import noise_scale, signal_to_noise

Floats = NDArray[np.float64]

CURVES = (
    "sharpness", "preconditioned_sharpness", "grad_snr", "grad_noise_scale",
    "activation_rms_max", "dead_fraction", "attention_logit_max",
)  # fmt: skip
"""What measurements can tell of the whole model."""
NUM_AVERAGED = 8
"""Measurements over which gradient signal and noise are averaged before they are divided."""


@dataclass(frozen=True)
class Measured:
    """The measurements of one trial: (M,) of the whole model or (M, L) by layer, at `steps` (M,).

    `batch_size` is the number of examples per gradient behind `grad_signal` and `grad_noise`.
    """

    steps: NDArray[np.int64]
    values: Mapping[str, Floats]
    batch_size: int

    def curves(self, ends: NDArray[np.int64]) -> tuple[dict[str, Floats], dict[str, Floats]]:
        """Curves of the whole model (R,) and by layer (R, L); `ends` (R,) are the windows' last steps.

        A window shows its latest measurement, NaN where it has none. A statistic that has no value at all,
        since nothing of its kind exists in the trial, has no curve.
        """
        windows = np.searchsorted(ends, self.steps)

        def spread(series: dict[str, Floats]) -> dict[str, Floats]:
            curves = {}
            for name, values in series.items():
                if not np.isnan(values).all():
                    curves[name] = np.full((len(ends), *values.shape[1:]), np.nan)
                    curves[name][windows] = values  # of several in one window, the last stays
            return curves

        return spread(self._whole()), spread(self._by_layer())

    def _by_layer(self) -> dict[str, Floats]:
        values = self.values
        found = {name: values[name] for name in ("activation_rms", "attention_logit_max") if name in values}
        if "num_dead" in values:
            found["dead_fraction"] = values["num_dead"] / values["num_units"]
        if "grad_noise" in values:
            found |= self._noise(values["grad_signal"], values["grad_noise"])
        return found

    def _whole(self) -> dict[str, Floats]:
        values = self.values
        found = {name: values[name] for name in ("sharpness", "preconditioned_sharpness") if name in values}
        if "activation_rms" in values:
            found["activation_rms_max"] = _largest(values["activation_rms"])
        if "attention_logit_max" in values:
            found["attention_logit_max"] = _largest(values["attention_logit_max"])
        if "num_dead" in values:
            found["dead_fraction"] = np.nansum(values["num_dead"], 1) / np.nansum(values["num_units"], 1)
        if "grad_noise" in values:
            found |= self._noise(values["grad_signal"].sum(axis=1), values["grad_noise"].sum(axis=1))
        return found

    def _noise(self, signal: Floats, noise: Floats) -> dict[str, Floats]:
        signal, noise = trailing_means(signal), trailing_means(noise)
        return {
            "grad_snr": signal_to_noise(signal, noise),
            "grad_noise_scale": noise_scale(signal, noise, self.batch_size),
        }


class Schedule:
    """The measurements of the members of one stack as they come; columns are as in `History`."""

    def __init__(self, every: int, num_steps: int, num_members: int, batch_size: int) -> None:
        self.every = every
        self._steps = np.arange(0, num_steps, every)
        self._num_members = num_members
        self._batch_size = batch_size
        self._tables: dict[str, Floats] = {}

    def is_due(self, step: int) -> bool:
        """Whether to measure before update `step`."""
        return step % self.every == 0

    def next_after(self, step: int) -> int:
        """The first step after `step` at which a measurement is due."""
        return (step // self.every + 1) * self.every

    def add(self, step: int, columns: Sequence[int], values: Mapping[str, Floats]) -> None:
        """Remember what was measured before update `step`; `columns` says whose the K rows are."""
        for name, rows in values.items():
            if name not in self._tables:
                shape = (len(self._steps), self._num_members, *rows.shape[1:])
                self._tables[name] = np.full(shape, np.nan)
            self._tables[name][step // self.every, columns] = rows

    def measured(self, column: int, num_steps: int) -> Measured:
        """The measurements of one member's first `num_steps` steps."""
        made = self._steps < num_steps
        values = {name: table[made, column].copy() for name, table in self._tables.items()}
        return Measured(self._steps[made], values, self._batch_size)

    def state(self) -> dict[str, Tensor]:
        """Everything remembered, as tensors."""
        return {name: torch.from_numpy(table.copy()) for name, table in self._tables.items()}

    def load(self, state: Mapping[str, Tensor]) -> None:
        """Remember what `state` holds instead."""
        self._tables = {name: table.numpy().copy() for name, table in state.items()}


def trailing_means(values: Floats) -> Floats:
    """Means of each of `values` (M, ...) and those before it, `NUM_AVERAGED` in all, as far as finite.

    NaN where none of them is finite.
    """
    finite = np.isfinite(values)
    found = np.full(values.shape, np.nan)
    for index in range(len(values)):
        part = slice(max(0, index + 1 - NUM_AVERAGED), index + 1)
        with np.errstate(invalid="ignore"):
            found[index] = np.where(finite[part], values[part], 0.0).sum(axis=0) / finite[part].sum(axis=0)
    return found


def _largest(by_layer: Floats) -> Floats:
    """The largest over layers (M,), leaving out layers that never have a value; a broken one stays NaN."""
    has_value = ~np.isnan(by_layer).all(axis=0)
    if not has_value.any():
        return np.full(len(by_layer), np.nan)
    return np.asarray(by_layer[:, has_value].max(axis=1))
