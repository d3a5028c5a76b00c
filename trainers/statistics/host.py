"""The meter for float32 and float64 on the CPU: few passes over memory, branches where they save work.

A branch on a value costs nothing here, so a member that breaks is known before its update is applied.
"""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from trainers.clipping.base import Clipped
from trainers.layout import ParameterLayout
from trainers.optimizers.change import Change
from trainers.statistics.last import LastGradients
from trainers.statistics.meter import (
    GRACE_STEPS,
    ChunkStatistics,
    GradientNorms,
    Matrix,
    Meter,
    Needs,
    Stop,
    derive,
)
from trainers.statistics.norms import Rows
from trainers.statistics.passes import DOT, MAX_ABS, NORM, NUM_MEASUREMENTS, NUM_NONZERO, PASSES

GRADIENT = {"grad_norm": NORM, "max_abs_grad": MAX_ABS, "num_nonzero": NUM_NONZERO}
"""What is measured of gradients, and where `Passes.measure` writes it."""
WEIGHT, UPDATE = range(2)
CHANGE = {"weight_norm": WEIGHT, "update_norm": UPDATE}
LOSS, NORM_AFTER, CLIPPED, COEFFICIENT = range(4)
TOLD = {"loss": LOSS, "grad_norm_after": NORM_AFTER, "clipped": CLIPPED, "clip_coefficient": COEFFICIENT}
"""What others measured."""
NOTHING_NEEDED = GradientNorms(norm=None, tensor_norms=None, max_abs=None)


class HostMeter(Meter):
    """Measures the steps of a stack in CPU memory."""

    def __init__(self, layout: ParameterLayout, like: Tensor, needs: Needs = frozenset()) -> None:
        super().__init__(layout)
        self.needs = needs
        self.num_members = len(like)
        self._dtype = like.dtype
        self._largest = float(torch.finfo(like.dtype).max) / 4
        self._last = LastGradients(layout, np.zeros_like(like.detach().numpy()))
        self._previous_norm: Matrix = np.full(self.num_members, np.nan)
        self._weight_norms: Matrix = np.empty(self.num_members)
        self._knows_weights = False
        self._steps_over = np.zeros(self.num_members, np.int64)
        self._is_someone_over = False
        self._stopped: dict[int, Stop] = {}
        self._rows: Matrix
        self._tensor_norms: Matrix
        self._changes: Matrix
        self._told: Matrix
        self._made: NDArray[np.bool_]
        self._step = 0
        self._start_chunk(0)

    def start(self, num_steps: int) -> None:
        """Begin a chunk of at most `num_steps` steps."""
        self._previous_norm = self._last_norm()
        self._start_chunk(num_steps)

    def gradients(self, flat: Tensor, loss: Tensor) -> GradientNorms:
        """Measure the gradients (K, P) and losses (K,) of the next step."""
        self._last.own()
        return self._measured(self._parts(flat.numpy()), None, loss)

    def gather(self, tensors: Sequence[Tensor], flat: Tensor, loss: Tensor) -> GradientNorms:
        """Measure gradients that come as tensors, and copy them into `flat` (K, P) on the way."""
        if not all(tensor.is_contiguous() and tensor.dtype == self._dtype for tensor in tensors):
            self._last.own()
            return super().gather(tensors, flat, loss)
        parts: list[Rows] = [tensor.numpy() for tensor in tensors]
        measured = self._measured(parts, None if self._last.are_in(flat) else flat.numpy(), loss)
        self._last.replace(parts, flat)
        return measured

    def _measured(self, parts: list[Rows], copy: Rows | None, loss: Tensor) -> GradientNorms:
        step, rows, tensor_norms = self._step, self._rows[self._step], self._tensor_norms[self._step]
        self._told[step, LOSS] = loss.numpy()
        self._largest_norm = PASSES.measure(parts, self._last.parts, copy, tensor_norms, rows)
        if not self.needs:
            return NOTHING_NEEDED
        return GradientNorms(
            norm=self._tensor(rows[:, NORM]),
            tensor_norms=self._tensor(tensor_norms) if "tensor_norms" in self.needs else None,
            max_abs=self._tensor(rows[:, MAX_ABS]) if "max_abs" in self.needs else None,
        )

    def clipped(self, first: int, stop: int, result: Clipped) -> None:
        """Note what a clip rule did to members `first` to `stop`."""
        told = self._told[self._step, :, first:stop]
        if result.norm is None:
            PASSES.norms(np.ascontiguousarray(result.flat.numpy()), told[NORM_AFTER])
        else:
            told[NORM_AFTER] = result.norm.numpy()
        told[CLIPPED] = result.clipped.numpy()
        told[COEFFICIENT] = result.coefficient.numpy()

    def update(self, params: Tensor, change: Change, loss_limit: Tensor) -> bool:
        """Measure weights and update, and make it for the members that may go on; whether that is all."""
        step, changes = self._step, self._changes[self._step]
        weights, values, limit = params.numpy(), change.values, loss_limit.numpy()
        if not self._knows_weights:
            PASSES.norms(weights, self._weight_norms)
        self._step += 1
        self._last.settle()
        changes[WEIGHT] = self._weight_norms
        is_usual = self._largest_norm < np.inf and not self._is_someone_over
        if is_usual and (self._told[step, LOSS] <= limit).all():
            # Rows whose norms are far from the end of the range have no entry near it, and no sum of two.
            self._knows_weights = PASSES.update(
                weights,
                np.ascontiguousarray(values.numpy()),
                None if change.factor is None else change.factor.numpy(),
                np.ascontiguousarray(self._rows[step, :, NORM]) if self._last.are_in(values) else None,
                self._largest,
                self._weight_norms,
                changes[UPDATE],
                self._made,
            )
            if self._knows_weights:
                return True
        else:
            PASSES.norms(np.ascontiguousarray(change.tensor().numpy()), changes[UPDATE])
            self._made.fill(False)
        return self._update_some(step, weights, change.tensor().numpy(), limit)

    def stopped(self) -> dict[int, Stop]:
        """Members that were stopped in this chunk, by row."""
        return dict(self._stopped)

    def flush(self) -> ChunkStatistics:
        """The statistics of the steps since `start`."""
        made = slice(self._step)
        raw = {name: self._told[made, row] for name, row in TOLD.items()}
        raw |= {name: self._rows[made, :, column] for name, column in GRADIENT.items()}
        raw |= {name: self._changes[made, row] for name, row in CHANGE.items()}
        unclipped = np.isnan(raw["grad_norm_after"]) & (raw["clipped"] == 0)
        raw["grad_norm_after"] = np.where(unclipped, raw["grad_norm"], raw["grad_norm_after"])
        raw["grad_cosine"] = self._cosines(raw["grad_norm"])
        return derive(raw, self._tensor_norms[made], self.layout.size)

    def _cosines(self, norms: Matrix) -> Matrix:
        """Of each step's gradient and the one before, for `norms` (n, K) of the chunk's gradients."""
        before = np.concatenate([self._previous_norm[None], norms[:-1]])
        with np.errstate(all="ignore"):
            cosines: Matrix = self._rows[: self._step, :, DOT] / norms / before
        return cosines

    def keep(self, rows: Tensor) -> None:
        """Forget the members that are not in `rows`."""
        kept = rows.numpy()
        self.num_members = len(kept)
        self._last.keep(kept)
        self._made = self._made[kept]
        self._weight_norms, self._knows_weights = self._weight_norms[kept], False
        self._previous_norm, self._steps_over = self._previous_norm[kept], self._steps_over[kept]
        self._is_someone_over = bool(self._steps_over.any())
        self._told, self._changes = self._told[:, :, kept], self._changes[:, :, kept]
        self._rows, self._tensor_norms = self._rows[:, kept], self._tensor_norms[:, kept]

    def state(self) -> dict[str, Tensor]:
        """What the next chunk needs to know of the last one."""
        return {
            "previous": torch.from_numpy(self._last.flat()),
            "previous_norm": torch.from_numpy(self._last_norm()),
            "steps_over": torch.from_numpy(self._steps_over.copy()),
        }

    def load(self, state: dict[str, Tensor]) -> None:
        """Go on where `state` was taken."""
        self._last = LastGradients(self.layout, state["previous"].numpy().copy())
        self._knows_weights = False
        self._previous_norm = state["previous_norm"].numpy().copy()
        self._steps_over = state["steps_over"].numpy().copy()
        self._is_someone_over = bool(self._steps_over.any())
        self._start_chunk(0)

    def _parts(self, flat: Rows) -> list[Rows]:
        """The tensors of `flat` (K, P), each (K, size), as views."""
        return [flat[:, start:stop] for start, stop in self.layout.bounds]

    def _last_norm(self) -> Matrix:
        return self._rows[self._step - 1, :, NORM].copy() if self._step else self._previous_norm

    def _start_chunk(self, num_steps: int) -> None:
        K, num_tensors = self.num_members, len(self.layout.specs)
        self._rows = np.empty((num_steps, K, NUM_MEASUREMENTS))
        self._tensor_norms = np.empty((num_steps, K, num_tensors))
        self._changes = np.empty((num_steps, len(CHANGE), K))
        self._told = np.empty((num_steps, len(TOLD), K))
        self._told[:, NORM_AFTER], self._told[:, CLIPPED], self._told[:, COEFFICIENT] = np.nan, 0.0, 1.0
        self._largest_norm = np.nan
        self._made = np.zeros(K, np.bool_)
        self._knows_weights = False
        self._stopped = {}
        self._step = 0

    def _update_some(self, step: int, weights: Rows, change: Rows, limit: Rows) -> bool:
        """Make the updates that are to be made and were not `_made` yet; whether all members may go on."""
        loss = self._told[step, LOSS]
        known: NDArray[np.bool_] = np.isfinite(self._rows[step, :, NORM]) & np.isfinite(loss)
        whole = known.copy()
        if not self._changes[step].max() < self._largest:
            whole &= self._made | np.isfinite(weights + change).all(axis=1)
        self._steps_over += (self._steps_over > 0) | (loss > limit)
        self._is_someone_over = bool(self._steps_over.any())
        fine: NDArray[np.bool_] = whole & (self._steps_over <= GRACE_STEPS)
        self._stopped |= {int(row): Stop(step, broke=not whole[row]) for row in np.flatnonzero(~fine)}
        missing = (fine | (known & ~whole)) & ~self._made
        weights[missing] += change[missing]
        self._knows_weights = False
        return bool(fine.all())

    def _tensor(self, values: Matrix) -> Tensor:
        return torch.from_numpy(values).to(self._dtype, copy=True)
