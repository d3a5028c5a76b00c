"""The meter for accelerators and for 16-bit parameters: torch only, and no host sync within a chunk.

Norms accumulate in float64, so nothing overflows and nothing needs a branch. A member that breaks is masked
out of its updates from that step on; the host learns of it when the chunk ends.
"""

import torch
from torch import Tensor

from trainers.clipping.base import Clipped
from trainers.layout import ParameterLayout
from trainers.optimizers.change import Change
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
from trainers.statistics.norms import device_norms


class DeviceMeter(Meter):
    """Measures the steps of a stack wherever it lives."""

    knows_at_once = False
    multiplies = False

    def __init__(self, layout: ParameterLayout, like: Tensor, needs: Needs = frozenset()) -> None:
        super().__init__(layout)
        self.needs = needs
        self.num_members = len(like)
        self._like = like
        self._previous = torch.zeros_like(like)
        self._previous_norm = torch.full((len(like),), torch.nan, dtype=torch.float64, device=like.device)
        self._chunk: dict[str, Tensor] = {}
        self._tensor_norms = torch.empty(0)
        self._alive = torch.empty(0)
        self._stop_step = torch.empty(0)
        self._broke = torch.empty(0)
        self._steps_over = torch.zeros(len(like), dtype=torch.int64, device=like.device)
        self._step = 0

    def start(self, num_steps: int) -> None:
        """Begin a chunk of at most `num_steps` steps."""
        self._previous_norm = self._last_norm()
        self._start_state(num_steps)

    def gradients(self, flat: Tensor, loss: Tensor) -> GradientNorms:
        """Measure the gradients (K, P) and losses (K,) of the next step."""
        step, chunk = self._step, self._chunk
        per_tensor = torch.stack([device_norms(part) for part in self.layout.segments(flat)], dim=1)
        total = device_norms(per_tensor)
        self._tensor_norms[step] = per_tensor
        chunk["loss"][step] = loss
        chunk["grad_norm"][step] = chunk["grad_norm_after"][step] = total
        chunk["grad_dot"][step] = torch.linalg.vecdot(flat.double(), self._previous.double())
        chunk["max_abs_grad"][step] = max_abs = flat.abs().amax(dim=1)
        chunk["num_nonzero"][step] = (flat != 0).sum(dim=1)
        self._previous.copy_(flat)
        return GradientNorms(total.to(flat.dtype), per_tensor.to(flat.dtype), max_abs)

    def clipped(self, first: int, stop: int, result: Clipped) -> None:
        """Note what a clip rule did to members `first` to `stop`."""
        step, chunk = self._step, self._chunk
        after = device_norms(result.flat) if result.norm is None else result.norm
        chunk["grad_norm_after"][step, first:stop] = after
        chunk["clipped"][step, first:stop] = result.clipped
        chunk["clip_coefficient"][step, first:stop] = result.coefficient

    def update(self, params: Tensor, change: Change, loss_limit: Tensor) -> Tensor | None:
        """Measure weights and update, and make it for the members that may go on (K,) bool."""
        step, chunk, delta = self._step, self._chunk, change.tensor()
        chunk["weight_norm"][step] = device_norms(params)
        chunk["update_norm"][step] = device_norms(delta)
        whole = torch.isfinite(chunk["grad_norm"][step]) & torch.isfinite(chunk["loss"][step])
        whole &= torch.isfinite(params + delta).all(dim=1)
        self._steps_over += (self._steps_over > 0) | (chunk["loss"][step] > loss_limit)
        fine = whole & (self._steps_over <= GRACE_STEPS)
        stops_now = self._alive & ~fine
        self._broke |= stops_now & ~whole
        self._stop_step = torch.where(stops_now, torch.full_like(self._stop_step, step), self._stop_step)
        self._alive = self._alive & fine
        params.add_(torch.where(self._alive.unsqueeze(1), delta, 0.0))
        self._step += 1
        return self._alive

    def stopped(self) -> dict[int, Stop]:
        """Members that were stopped in this chunk, by row."""
        steps, broke = self._stop_step.tolist(), self._broke.tolist()
        return {row: Stop(int(step), broke[row]) for row, step in enumerate(steps) if step >= 0}

    def flush(self) -> ChunkStatistics:
        """The statistics of the steps since `start`."""
        raw = {name: _to_host(values[: self._step]) for name, values in self._chunk.items()}
        tensor_norms = _to_host(self._tensor_norms[: self._step])
        return derive(raw, tensor_norms, _to_host(self._previous_norm), self.layout.size)

    def keep(self, rows: Tensor) -> None:
        """Forget the members that are not in `rows`."""
        kept = rows.to(self._like.device)
        self.num_members = len(rows)
        self._like, self._previous = self._like[kept], self._previous[kept]
        self._previous_norm = self._previous_norm[kept]
        self._chunk = {name: values[:, kept] for name, values in self._chunk.items()}
        self._tensor_norms = self._tensor_norms[:, kept]
        self._alive, self._stop_step = self._alive[kept], self._stop_step[kept]
        self._broke, self._steps_over = self._broke[kept], self._steps_over[kept]

    def state(self) -> dict[str, Tensor]:
        """What the next chunk needs to know of the last one."""
        return {
            "previous": self._previous.cpu().clone(),
            "previous_norm": self._last_norm().cpu(),
            "steps_over": self._steps_over.cpu().clone(),
        }

    def load(self, state: dict[str, Tensor]) -> None:
        """Go on where `state` was taken."""
        device = self._like.device
        self._previous = state["previous"].to(device, copy=True)
        self._previous_norm = state["previous_norm"].to(device)
        self._steps_over = state["steps_over"].to(device, copy=True)
        self._start_state(0)

    def _last_norm(self) -> Tensor:
        return self._chunk["grad_norm"][self._step - 1].clone() if self._step else self._previous_norm

    def _start_state(self, num_steps: int) -> None:
        K, device = self.num_members, self._like.device
        self._chunk = {name: torch.empty((num_steps, K), dtype=torch.float64, device=device) for name in RAW}
        self._chunk["clipped"].fill_(0.0)
        self._chunk["clip_coefficient"].fill_(1.0)
        shape = (num_steps, K, len(self.layout.specs))
        self._tensor_norms = torch.empty(shape, dtype=torch.float64, device=device)
        self._alive = torch.ones(K, dtype=torch.bool, device=device)
        self._stop_step = torch.full((K,), -1, dtype=torch.int64, device=device)
        self._broke = torch.zeros(K, dtype=torch.bool, device=device)
        self._step = 0


def _to_host(values: Tensor) -> Matrix:
    array: Matrix = values.cpu().numpy()
    return array
