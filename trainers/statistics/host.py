"""The meter for float32 and float64 on the CPU: NumPy's single-pass kernels, branches where they save work.

A branch on a value costs nothing here, so norms whose squares overflowed are mended on the spot, and a
member that breaks is known before its update is applied. NumPy is used because its reductions over rows are
several times faster than torch's on one core (`benchmarks/step_statistics.py`).
"""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from trainers.clipping.base import Clipped
from trainers.layout import ParameterLayout
from trainers.statistics.meter import (
    GRACE_STEPS,
    RAW,
    ChunkStatistics,
    GradientNorms,
    Matrix,
    Meter,
    Stop,
    derive,
)
from trainers.statistics.norms import (
    SMALLEST_TRUSTED_SQUARE,
    Rows,
    exact_norms,
    norms,
    norms_from_squares,
)

TRUSTED = max(SMALLEST_TRUSTED_SQUARE.values())


class HostMeter(Meter):
    """Measures the steps of a stack in CPU memory."""

    knows_at_once = True

    def __init__(self, layout: ParameterLayout, like: Tensor) -> None:
        super().__init__(layout)
        self.num_members = len(like)
        self._dtype = like.dtype
        self._previous = np.zeros(tuple(like.shape), like.numpy().dtype)
        self._previous_norm: Matrix = np.full(self.num_members, np.nan)
        self._nonzero = np.empty(tuple(like.shape), np.bool_)
        self._largest = float(torch.finfo(like.dtype).max)
        self._chunk: dict[str, Matrix] = {}
        self._tensor_norms: Matrix = np.empty((0, 0, 0))
        self._stopped: dict[int, Stop] = {}
        self._steps_over = np.zeros(self.num_members, np.int64)
        self._step = 0

    def start(self, num_steps: int) -> None:
        """Begin a chunk of at most `num_steps` steps."""
        if self._step:
            self._previous_norm = self._chunk["grad_norm"][self._step - 1].copy()
        self._chunk = {name: np.empty((num_steps, self.num_members)) for name in RAW}
        self._tensor_norms = np.empty((num_steps, self.num_members, len(self.layout.specs)))
        self._stopped = {}
        self._step = 0

    def gradients(self, flat: Tensor, loss: Tensor) -> GradientNorms:
        """Measure the gradients (K, P) and losses (K,) of the next step."""
        grads, step, chunk = flat.numpy(), self._step, self._chunk
        chunk["loss"][step] = loss.numpy()
        tensor_norms = self._tensor_norms[step]
        total = self._measure_tensors(grads, tensor_norms)
        chunk["grad_norm"][step] = total
        dots = np.vecdot(grads, self._previous)
        chunk["grad_dot"][step] = dots if np.isfinite(dots.sum()) else self._exact_dots(grads)
        np.copyto(self._previous, grads)
        highest, lowest = np.maximum.reduce(grads, axis=1), np.minimum.reduce(grads, axis=1)
        np.maximum(highest, -lowest, out=chunk["max_abs_grad"][step])
        np.not_equal(grads, 0, out=self._nonzero)
        chunk["num_nonzero"][step] = [np.count_nonzero(row) for row in self._nonzero]
        max_abs = self._tensor(chunk["max_abs_grad"][step])
        return GradientNorms(self._tensor(total), self._tensor(tensor_norms), max_abs)

    def clipped(self, first: int, stop: int, result: Clipped) -> None:
        """Note what a clip rule did to members `first` to `stop`."""
        step, chunk = self._step, self._chunk
        after = norms(result.flat.numpy()) if result.norm is None else result.norm.numpy()
        chunk["grad_norm_after"][step, first:stop] = after
        chunk["clipped"][step, first:stop] = result.clipped.numpy()
        chunk["clip_coefficient"][step, first:stop] = result.coefficient.numpy()

    def update(self, params: Tensor, delta: Tensor, loss_limit: Tensor) -> Tensor | None:
        """Measure weights and update; which members may go on (K,) bool, None when all of them may."""
        step, chunk = self._step, self._chunk
        weights, change = params.numpy(), delta.numpy()
        chunk["weight_norm"][step] = weight_norm = norms(weights)
        chunk["update_norm"][step] = update_norm = norms(change)
        self._step += 1
        loss, limit = chunk["loss"][step], loss_limit.numpy()
        reach = weight_norm + update_norm + chunk["grad_norm"][step]
        if reach.max() < self._largest and (loss <= limit).all() and not self._steps_over.any():
            return None
        return self._who_may_go_on(step, weights, change, limit)

    def stopped(self) -> dict[int, Stop]:
        """Members that were stopped in this chunk, by row."""
        return dict(self._stopped)

    def flush(self) -> ChunkStatistics:
        """The statistics of the steps since `start`."""
        raw = {name: values[: self._step] for name, values in self._chunk.items()}
        return derive(raw, self._tensor_norms[: self._step], self._previous_norm, self.layout.size)

    def keep(self, rows: Tensor) -> None:
        """Forget the members that are not in `rows`."""
        kept = rows.numpy()
        self.num_members = len(kept)
        self._previous, self._nonzero = self._previous[kept], self._nonzero[kept]
        self._previous_norm, self._steps_over = self._previous_norm[kept], self._steps_over[kept]
        self._chunk = {name: values[:, kept] for name, values in self._chunk.items()}
        self._tensor_norms = self._tensor_norms[:, kept]

    def _measure_tensors(self, grads: Rows, out: Matrix) -> Matrix:
        squares = np.empty(out.shape)
        for index, (start, stop) in enumerate(self.layout.bounds):
            segment = grads[:, start:stop]
            squares[:, index] = np.vecdot(segment, segment)
        total = squares.sum(axis=1)
        # One test for the usual case; a tensor of zeros, or an overflow, takes the careful way.
        if squares.min() > TRUSTED and np.isfinite(total).all():
            np.sqrt(squares, out=out)
            return np.asarray(np.sqrt(total))
        for index, (start, stop) in enumerate(self.layout.bounds):
            out[:, index] = norms_from_squares(grads[:, start:stop], squares[:, index].astype(grads.dtype))
        return exact_norms(out)

    def _exact_dots(self, grads: Rows) -> Matrix:
        return np.asarray(np.vecdot(grads.astype(np.float64), self._previous.astype(np.float64)))

    def _who_may_go_on(self, step: int, weights: Rows, change: Rows, limit: Rows) -> Tensor | None:
        chunk = self._chunk
        whole: NDArray[np.bool_] = np.isfinite(chunk["grad_norm"][step]) & np.isfinite(chunk["loss"][step])
        whole &= np.isfinite(weights + change).all(axis=1)
        self._steps_over += (self._steps_over > 0) | (chunk["loss"][step] > limit)
        fine = whole & (self._steps_over <= GRACE_STEPS)
        if fine.all():
            return None
        self._stopped |= {int(row): Stop(step, broke=not whole[row]) for row in np.flatnonzero(~fine)}
        return torch.from_numpy(fine)

    def _tensor(self, values: Matrix) -> Tensor:
        return torch.from_numpy(values).to(self._dtype)
