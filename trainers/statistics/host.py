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
from trainers.statistics.blocks import GradientBlocks, block_slices
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
from trainers.statistics.norms import SMALLEST_TRUSTED_SQUARE, Rows, norms, norms_from_squares
from trainers.statistics.ring import GradientRing, ring_length

GRADIENT, WEIGHT, UPDATE = range(3)
NORMS = {"grad_norm": GRADIENT, "weight_norm": WEIGHT, "update_norm": UPDATE}
"""The norms that are taken in every step."""
NOTHING_NEEDED = GradientNorms(norm=None, tensor_norms=None, max_abs=None)


class HostMeter(Meter):
    """Measures the steps of a stack in CPU memory."""

    knows_at_once = True

    def __init__(self, layout: ParameterLayout, like: Tensor, needs: Needs = frozenset()) -> None:
        super().__init__(layout)
        self.needs = needs
        self.num_members = len(like)
        self._dtype = like.dtype
        self._trusted = SMALLEST_TRUSTED_SQUARE[like.detach().numpy().dtype]
        self._largest = float(torch.finfo(like.dtype).max)
        self._gradients = _recorder(layout, np.zeros_like(like.detach().numpy()))
        self._weight_squares: Rows | None = None
        self._squares = np.zeros((3, self.num_members), like.detach().numpy().dtype)
        self._previous_norm: Matrix = np.full(self.num_members, np.nan)
        self._steps_over = np.zeros(self.num_members, np.int64)
        self._is_someone_over = False
        self._stopped: dict[int, Stop] = {}
        self._chunk: dict[str, Matrix] = {}
        self._norms: Matrix = np.empty((0, 0, 0))
        self._tensor_norms: Matrix = np.empty((0, 0, 0))
        self._step = self._num_measured = 0
        self._blocks = block_slices(tuple(like.shape), like.element_size())

    def start(self, num_steps: int) -> None:
        """Begin a chunk of at most `num_steps` steps."""
        self._previous_norm = self._last_norm()
        self._start_chunk(num_steps)

    def gradients(self, flat: Tensor, loss: Tensor) -> GradientNorms:
        """Measure the gradients (K, P) and losses (K,) of the next step."""
        grads = flat.numpy()
        self._chunk["loss"][self._step] = loss.numpy()
        self._squares[GRADIENT] = squares = self._gradients.put(grads)
        if "norm" not in self.needs:
            return NOTHING_NEEDED
        needs, gradients = self.needs, self._gradients
        return GradientNorms(
            norm=self._tensor(norms_from_squares(grads, squares)),
            tensor_norms=self._tensor(gradients.tensor_norms()) if "tensor_norms" in needs else None,
            max_abs=torch.from_numpy(gradients.max_abs()) if "max_abs" in needs else None,
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
        step, squares = self._step, self._squares
        weights, change, limit = params.numpy(), delta.numpy(), loss_limit.numpy()
        known = self._weight_squares
        squares[WEIGHT] = np.vecdot(weights, weights) if known is None else known
        np.vecdot(change, change, out=squares[UPDATE])
        is_usual = squares.min() > self._trusted and squares.max() < np.inf
        if is_usual:
            np.sqrt(squares, out=self._norms[step])
        else:
            self._norms[step] = self._exact_norms(weights, change)
        self._step += 1
        if self._gradients.is_full:
            self._write_gradients()
        is_low = not self._is_someone_over and (self._chunk["loss"][step] <= limit).all()
        # Sums of squares that did not overflow leave no entry, and no sum of two, near the end of the range.
        return None if is_usual and is_low else self._who_may_go_on(step, weights, change, limit)

    def apply(self, params: Tensor, delta: Tensor) -> None:
        """Add `delta` to `params`, and measure the new weights while they are in the cache."""
        weights, change = params.numpy(), delta.numpy()
        squares = np.zeros(self.num_members)
        for rows, columns in self._blocks:
            block = weights[rows, columns]
            np.add(block, change[rows, columns], out=block)
            squares[rows] += np.vecdot(block, block)
        self._weight_squares = np.asarray(squares, weights.dtype)

    def stopped(self) -> dict[int, Stop]:
        """Members that were stopped in this chunk, by row."""
        return dict(self._stopped)

    def flush(self) -> ChunkStatistics:
        """The statistics of the steps since `start`."""
        if self._num_measured < self._step:
            self._write_gradients()
        made = slice(self._step)
        raw = {name: values[made] for name, values in self._chunk.items()}
        raw |= {name: self._norms[made, index] for name, index in NORMS.items()}
        unclipped = np.isnan(raw["grad_norm_after"]) & (raw["clipped"] == 0)
        raw["grad_norm_after"] = np.where(unclipped, raw["grad_norm"], raw["grad_norm_after"])
        return derive(raw, self._tensor_norms[made], self._previous_norm, self.layout.size)

    def keep(self, rows: Tensor) -> None:
        """Forget the members that are not in `rows`."""
        kept = rows.numpy()
        self.num_members = len(kept)
        self._blocks = block_slices((len(kept), self.layout.size), self._squares.itemsize)
        self._gradients = _recorder(self.layout, self._gradients.previous[kept])
        self._weight_squares = None
        self._squares, self._norms = self._squares[:, kept], self._norms[:, :, kept]
        self._previous_norm, self._steps_over = self._previous_norm[kept], self._steps_over[kept]
        self._is_someone_over = bool(self._steps_over.any())
        self._chunk = {name: values[:, kept] for name, values in self._chunk.items()}
        self._tensor_norms = self._tensor_norms[:, kept]

    def state(self) -> dict[str, Tensor]:
        """What the next chunk needs to know of the last one."""
        return {
            "previous": torch.from_numpy(self._gradients.previous.copy()),
            "previous_norm": torch.from_numpy(self._last_norm()),
            "steps_over": torch.from_numpy(self._steps_over.copy()),
        }

    def load(self, state: dict[str, Tensor]) -> None:
        """Go on where `state` was taken."""
        self._gradients = _recorder(self.layout, state["previous"].numpy())
        self._weight_squares = None
        self._previous_norm = state["previous_norm"].numpy().copy()
        self._steps_over = state["steps_over"].numpy().copy()
        self._is_someone_over = bool(self._steps_over.any())
        self._start_chunk(0)

    def _last_norm(self) -> Matrix:
        return self._norms[self._step - 1, GRADIENT].copy() if self._step else self._previous_norm

    def _start_chunk(self, num_steps: int) -> None:
        shape = (num_steps, self.num_members)
        self._chunk = {name: np.empty(shape) for name in RAW if name not in NORMS}
        self._chunk["grad_norm_after"].fill(np.nan)
        self._chunk["clipped"].fill(0.0)
        self._chunk["clip_coefficient"].fill(1.0)
        self._norms = np.empty((num_steps, len(NORMS), self.num_members))
        self._tensor_norms = np.empty((*shape, len(self.layout.specs)))
        self._stopped = {}
        self._step = self._num_measured = 0

    def _write_gradients(self) -> None:
        steps = slice(self._num_measured, self._step)
        found = self._gradients.measure()
        self._tensor_norms[steps] = found.tensor_norms
        self._chunk["max_abs_grad"][steps] = found.max_abs
        self._chunk["num_nonzero"][steps] = found.num_nonzero
        self._chunk["grad_dot"][steps] = found.dot
        self._num_measured = self._step

    def _exact_norms(self, weights: Rows, change: Rows) -> Matrix:
        rows = (self._gradients.latest, weights, change)
        return np.stack([norms_from_squares(*pair) for pair in zip(rows, self._squares, strict=True)])

    def _who_may_go_on(self, step: int, weights: Rows, change: Rows, limit: Rows) -> Tensor | None:
        loss = self._chunk["loss"][step]
        whole: NDArray[np.bool_] = np.isfinite(self._norms[step, GRADIENT]) & np.isfinite(loss)
        if not self._norms[step].max() < self._largest / 4:
            whole &= np.isfinite(weights + change).all(axis=1)
        self._steps_over += (self._steps_over > 0) | (loss > limit)
        self._is_someone_over = bool(self._steps_over.any())
        fine = whole & (self._steps_over <= GRACE_STEPS)
        if fine.all():
            return None
        self._stopped |= {int(row): Stop(step, broke=not whole[row]) for row in np.flatnonzero(~fine)}
        return torch.from_numpy(fine)

    def _tensor(self, values: Matrix) -> Tensor:
        return torch.from_numpy(values).to(self._dtype)


def _recorder(layout: ParameterLayout, previous: Rows) -> GradientRing | GradientBlocks:
    return GradientRing(layout, previous) if ring_length(previous) > 1 else GradientBlocks(layout, previous)
