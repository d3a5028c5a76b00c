"""The meter for float32 and float64 on the CPU: NumPy's single-pass kernels, branches where they save work.

A branch on a value costs nothing here, so norms whose squares overflowed are mended on the spot, and a member
that breaks is known before its update is applied. NumPy is used because its reductions over rows are several
times faster than torch's on one core (`benchmarks/step_statistics.py`).
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
    Needs,
    Stop,
    derive,
)
from trainers.statistics.norms import Rows, norms
from trainers.statistics.ring import GradientRing, max_abs, tensor_norms


class HostMeter(Meter):
    """Measures the steps of a stack in CPU memory."""

    knows_at_once = True

    def __init__(self, layout: ParameterLayout, like: Tensor, needs: Needs = frozenset()) -> None:
        super().__init__(layout)
        self.needs = needs
        self.num_members = len(like)
        self._dtype = like.dtype
        self._ring = GradientRing(layout, np.zeros_like(like.detach().numpy()))
        self._previous_norm: Matrix = np.full(self.num_members, np.nan)
        self._largest = float(torch.finfo(like.dtype).max)
        self._chunk: dict[str, Matrix] = {}
        self._tensor_norms: Matrix = np.empty((0, 0, 0))
        self._stopped: dict[int, Stop] = {}
        self._steps_over = np.zeros(self.num_members, np.int64)
        self._step = self._num_measured = 0

    def start(self, num_steps: int) -> None:
        """Begin a chunk of at most `num_steps` steps."""
        if self._step:
            self._previous_norm = self._chunk["grad_norm"][self._step - 1].copy()
        self._chunk = {name: np.empty((num_steps, self.num_members)) for name in RAW}
        self._chunk["clipped"].fill(0.0)
        self._chunk["clip_coefficient"].fill(1.0)
        self._tensor_norms = np.empty((num_steps, self.num_members, len(self.layout.specs)))
        self._stopped = {}
        self._step = self._num_measured = 0

    def gradients(self, flat: Tensor, loss: Tensor) -> GradientNorms:
        """Measure the gradients (K, P) and losses (K,) of the next step."""
        grads, step, chunk = flat.numpy(), self._step, self._chunk
        chunk["loss"][step] = loss.numpy()
        self._ring.put(grads)
        per_tensor = None
        if self._has_tensors_at_once:
            self._tensor_norms[step] = per_tensor = tensor_norms(self.layout, grads)
        total = norms(grads) if per_tensor is None else norms(per_tensor)
        chunk["grad_norm"][step] = chunk["grad_norm_after"][step] = total
        return GradientNorms(
            norm=self._tensor(total),
            tensor_norms=None if per_tensor is None else self._tensor(per_tensor),
            max_abs=torch.from_numpy(max_abs(grads)) if "max_abs" in self.needs else None,
        )

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
        if self._ring.is_full:
            self._measure_ring()
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
        if self._num_measured < self._step:
            self._measure_ring()
        raw = {name: values[: self._step] for name, values in self._chunk.items()}
        return derive(raw, self._tensor_norms[: self._step], self._previous_norm, self.layout.size)

    def keep(self, rows: Tensor) -> None:
        """Forget the members that are not in `rows`."""
        kept = rows.numpy()
        self.num_members = len(kept)
        self._ring = GradientRing(self.layout, self._ring.previous[kept])
        self._previous_norm, self._steps_over = self._previous_norm[kept], self._steps_over[kept]
        self._chunk = {name: values[:, kept] for name, values in self._chunk.items()}
        self._tensor_norms = self._tensor_norms[:, kept]

    @property
    def _has_tensors_at_once(self) -> bool:
        """Whether tensors are measured in every step: a ring of one gradient saves nothing by waiting."""
        return self._ring.length == 1 or "tensor_norms" in self.needs

    def _measure_ring(self) -> None:
        steps = slice(self._num_measured, self._step)
        found = self._ring.measure(with_tensors=not self._has_tensors_at_once)
        if found.tensor_norms is not None:
            self._tensor_norms[steps] = found.tensor_norms
        self._chunk["max_abs_grad"][steps] = found.max_abs
        self._chunk["num_nonzero"][steps] = found.num_nonzero
        self._chunk["grad_dot"][steps] = found.dot
        self._num_measured = self._step

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
