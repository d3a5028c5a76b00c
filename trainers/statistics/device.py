"""The meter for accelerators and for 16-bit parameters: torch only, and no host sync within a chunk.

Norms accumulate in float64, so nothing overflows and nothing needs a branch. A member that breaks is masked
out of its updates from that step on; the host learns of it when the chunk ends. What a step needs to know of
earlier ones lies in tensors that keep their place, so that a recorded step can be made again.
"""

import torch
from torch import Tensor

from trainers.clipping.base import Clipped
from trainers.layout import ParameterLayout
from trainers.optimizers.change import Change
from trainers.statistics.meter import (
    CHUNK_STEPS,
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

PLACE = {name: index for index, name in enumerate(RAW)}
NEUTRAL = {"clipped": 0.0, "clip_coefficient": 1.0}
"""What is written down of members that no clip rule looked at."""


class DeviceMeter(Meter):
    """Measures the steps of a stack wherever it lives.

    `num_steps` counts those of the chunk. Who repeats a recorded one counts it too: only the device knows.
    """

    def __init__(self, layout: ParameterLayout, like: Tensor, needs: Needs = frozenset()) -> None:
        super().__init__(layout)
        self.needs = needs
        self.num_members = len(like)
        self._like = like
        # Gradients of the last step over their norm: so their product with the next ones' is in range. Where
        # the norm has no inverse in the dtype, they are shorter than 1.
        self._last_direction = torch.full_like(like, torch.nan)  # (K, P)
        self._last_length = torch.ones(len(like), dtype=torch.float64, device=like.device)  # (K,)
        self._weight_norm = torch.empty_like(like[:, 0], dtype=torch.float64)  # (K,)
        self._knows_weights = False
        self._steps_over = torch.zeros(len(like), dtype=torch.int64, device=like.device)  # (K,)
        self._measured: Tensor | None = None
        self._measured_version = 0
        self._make_room()

    def start(self, num_steps: int) -> None:
        """Begin a chunk of at most `num_steps` steps."""
        if num_steps > CHUNK_STEPS:  # more room elsewhere would not be where a recorded step writes
            raise ValueError(f"a chunk has at most {CHUNK_STEPS} steps, got {num_steps}")
        self.num_steps = 0
        self._row.fill_(0)
        self._alive.fill_(True)
        self._broke.fill_(False)
        self._stop_step.fill_(-1)

    def gradients(self, flat: Tensor, loss: Tensor) -> GradientNorms:
        """Measure the gradients (K, P) and losses (K,) of the next step."""
        per_tensor = torch.stack([device_norms(part) for part in self.layout.segments(flat)], dim=1)
        total = device_norms(per_tensor)
        scale = total.reciprocal().clamp(max=torch.finfo(flat.dtype).max).to(flat.dtype)
        direction, length = flat * scale.unsqueeze(1), total * scale
        product = torch.linalg.vecdot(direction, self._last_direction).double()
        largest = torch.linalg.vector_norm(flat, ord=torch.inf, dim=1)
        self._now.copy_(self._neutral)
        self._note("loss", loss)
        self._note("grad_norm", total)
        self._note("grad_norm_after", total)
        self._note("max_abs_grad", largest)
        self._note("num_nonzero", torch.linalg.vector_norm(flat, ord=0, dim=1))
        self._note("grad_cosine", product / (length * self._last_length))
        self._last_direction.copy_(direction)
        self._last_length.copy_(length)
        self._tensor_norms.index_copy_(0, self._row, per_tensor.unsqueeze(0))
        self._measured, self._measured_version = flat, flat._version
        return GradientNorms(total.to(flat.dtype), per_tensor.to(flat.dtype), largest)

    def clipped(self, first: int, stop: int, result: Clipped) -> None:
        """Note what a clip rule did to members `first` to `stop`."""
        after = device_norms(result.flat) if result.norm is None else result.norm
        members = slice(first, stop)
        self._note("grad_norm_after", after, members)
        self._note("clipped", result.clipped, members)
        self._note("clip_coefficient", result.coefficient, members)

    def update(self, params: Tensor, change: Change, loss_limit: Tensor) -> bool:
        """Measure weights and update, and make it for the members that may go on; True, not knowing more."""
        now = self._now
        if not self._knows_weights:
            self._weight_norm.copy_(device_norms(params))
            self._knows_weights = True
        self._note("weight_norm", self._weight_norm)
        self._note("update_norm", self._norm_of(change))
        values, factor = change.values, change.factor
        wanted = params + values if factor is None else torch.addcmul(params, values, factor)
        wanted_norm = device_norms(wanted)
        loss = now[PLACE["loss"]]
        known = torch.isfinite(now[PLACE["grad_norm"]]) & torch.isfinite(loss)
        whole = known & torch.isfinite(wanted_norm)
        self._steps_over += (self._steps_over > 0) | (loss > loss_limit)
        fine = whole & (self._steps_over <= GRACE_STEPS)
        stops_now = self._alive & ~fine
        self._broke |= stops_now & ~whole
        self._stop_step.copy_(torch.where(stops_now, self._row, self._stop_step))
        changes = (self._alive & fine) | (stops_now & known & ~whole)
        self._alive &= fine
        torch.where(changes.unsqueeze(1), wanted, params, out=params)
        self._weight_norm.copy_(torch.where(changes, wanted_norm, self._weight_norm))
        self._raw.index_copy_(0, self._row, now.unsqueeze(0))
        self._row += 1
        self.num_steps += 1
        return True

    def stopped(self) -> dict[int, Stop]:
        """Members that were stopped in this chunk, by row."""
        steps, broke = self._stop_step.tolist(), self._broke.tolist()
        return {row: Stop(int(step), broke[row]) for row, step in enumerate(steps) if step >= 0}

    def flush(self) -> ChunkStatistics:
        """The statistics of the steps since `start`."""
        raw = _to_host(self._raw[: self.num_steps])
        tensor_norms = _to_host(self._tensor_norms[: self.num_steps])
        return derive({name: raw[:, place] for name, place in PLACE.items()}, tensor_norms, self.layout.size)

    def keep(self, rows: Tensor) -> None:
        """Forget the members that are not in `rows`."""
        kept = rows.to(self._like.device)
        self.num_members = len(rows)
        self._like = self._like[kept]
        self._last_direction, self._last_length = self._last_direction[kept], self._last_length[kept]
        self._weight_norm, self._knows_weights = self._weight_norm[kept], False
        self._steps_over = self._steps_over[kept]
        self._measured = None
        self._make_room()

    def state(self) -> dict[str, Tensor]:
        """What the next chunk needs to know of the last one."""
        return {
            "previous": self._last_direction.cpu().clone(),
            "previous_norm": self._last_length.cpu().clone(),
            "steps_over": self._steps_over.cpu().clone(),
        }

    def load(self, state: dict[str, Tensor]) -> None:
        """Go on where `state` was taken."""
        self._last_direction.copy_(state["previous"] / state["previous_norm"].unsqueeze(1))
        self._last_length.fill_(1.0)
        self._steps_over.copy_(state["steps_over"])
        self._knows_weights = False
        self.start(0)

    def _note(self, name: str, values: Tensor, members: slice = slice(None)) -> None:
        self._now[PLACE[name], members] = values

    def _norm_of(self, change: Change) -> Tensor:
        """‖Δw‖ (K,); gradients that nobody changed since they were measured are not read again."""
        values, flat = change.values, self._measured
        is_known = (
            flat is not None
            and values.data_ptr() == flat.data_ptr()
            and flat._version == self._measured_version
        )
        norm = self._now[PLACE["grad_norm"]] if is_known else device_norms(values)
        return norm if change.factor is None else norm * change.factor.squeeze(1).abs()

    def _make_room(self) -> None:
        K, device = self.num_members, self._like.device
        self._raw = torch.empty((CHUNK_STEPS, len(RAW), K), dtype=torch.float64, device=device)
        shape = (CHUNK_STEPS, K, len(self.layout.specs))
        self._tensor_norms = torch.empty(shape, dtype=torch.float64, device=device)
        self._now = torch.empty((len(RAW), K), dtype=torch.float64, device=device)
        self._neutral = torch.full_like(self._now, torch.nan)
        for name, value in NEUTRAL.items():
            self._neutral[PLACE[name]] = value
        self._row = torch.zeros(1, dtype=torch.int64, device=device)
        self._alive = torch.ones(K, dtype=torch.bool, device=device)
        self._stop_step = torch.full((K,), -1, dtype=torch.int64, device=device)
        self._broke = torch.zeros(K, dtype=torch.bool, device=device)
        self.num_steps = 0


def _to_host(values: Tensor) -> Matrix:
    array: Matrix = values.cpu().numpy()
    return array
