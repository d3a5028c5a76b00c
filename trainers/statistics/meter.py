"""The per-step meter of a stack: raw measurements of steps, turned into statistics once a chunk."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from trainers.clipping.base import Clipped
from trainers.layout import ParameterLayout
from trainers.optimizers.change import Change
from trainers.statistics.series import StepSeries

Matrix = NDArray[np.float64]
Needs = frozenset[Literal["norm", "tensor_norms", "max_abs"]]

RAW = (
    "loss", "grad_norm", "grad_norm_after", "max_abs_grad", "num_nonzero", "clipped", "clip_coefficient",
    "update_norm", "weight_norm", "grad_cosine",
)  # fmt: skip
"""What is written down at every step; ratios follow from it at the end of the chunk."""
CHUNK_STEPS = 64
"""The most steps that a meter measures between `start` and `flush`."""
GRACE_STEPS = 10
"""Steps after the loss left for good, to see whether it ends in infinity: then the run exploded."""


@dataclass(frozen=True)
class GradientNorms:
    """One step's gradients in the parameters' dtype: `norm` and `max_abs` (K,), `tensor_norms` (K, S).

    None is what no clip rule needs at once.
    """

    norm: Tensor | None
    tensor_norms: Tensor | None
    max_abs: Tensor | None


@dataclass(frozen=True)
class Stop:
    """A member may not go on after step `index` of the chunk: it `broke`, or its loss left for good."""

    index: int
    broke: bool


@dataclass(frozen=True)
class ChunkStatistics:
    """Statistics of n steps of K members: `steps` holds (n, K) arrays, `tensor_norms` is (n, K, S)."""

    steps: StepSeries
    tensor_norms: Matrix

    @property
    def num_steps(self) -> int:
        """n."""
        return len(self.tensor_norms)


class Meter(ABC):
    """Measures the steps of one chunk. Per step come `gradients` or `gather`, `clipped`…, `update`."""

    needs: Needs
    """What the clip rules look at in every step."""

    def __init__(self, layout: ParameterLayout) -> None:
        self.layout = layout

    @abstractmethod
    def start(self, num_steps: int) -> None:
        """Begin a chunk of at most `num_steps` steps."""

    @abstractmethod
    def gradients(self, flat: Tensor, loss: Tensor) -> GradientNorms:
        """Measure the gradients (K, P) and losses (K,) of the next step, after every transform."""

    def gather(self, tensors: Sequence[Tensor], flat: Tensor, loss: Tensor) -> GradientNorms:
        """Measure gradients that come as tensors, each (K, *shape), and copy them into `flat` (K, P)."""
        torch._foreach_copy_(list(self.layout.views(flat).values()), list(tensors))
        return self.gradients(flat, loss)

    @abstractmethod
    def clipped(self, first: int, stop: int, result: Clipped) -> None:
        """Note what a clip rule did to members `first` to `stop`."""

    @abstractmethod
    def update(self, params: Tensor, change: Change, loss_limit: Tensor) -> bool:
        """Measure weights and update, and make the `change` of the `params` of members that may go on.

        False when it is known that a member may not, see `stopped`. A member may not go on when its loss,
        gradient or next parameters are not finite, or `GRACE_STEPS` after its loss first rose above
        `loss_limit` (K,). Once stopped, a member stays stopped, with the parameters that it had; only where
        nothing but the next parameters is not finite, it has these.
        """

    @abstractmethod
    def stopped(self) -> dict[int, Stop]:
        """Members that were stopped in this chunk, by row."""

    @abstractmethod
    def flush(self) -> ChunkStatistics:
        """The statistics of the steps since `start`."""

    @abstractmethod
    def keep(self, rows: Tensor) -> None:
        """Forget the members that are not in `rows`; call it between chunks."""

    @abstractmethod
    def state(self) -> dict[str, Tensor]:
        """What the next chunk needs to know of the last one; call it between chunks."""

    @abstractmethod
    def load(self, state: dict[str, Tensor]) -> None:
        """Go on where `state` was taken."""


def derive(raw: dict[str, Matrix], tensor_norms: Matrix, num_values: int) -> ChunkStatistics:
    """Statistics from raw measurements (n, K)."""
    with np.errstate(all="ignore"):
        ratio = raw["update_norm"] / raw["weight_norm"]
    steps = StepSeries(
        loss=raw["loss"],
        grad_norm=raw["grad_norm"],
        grad_norm_after=raw["grad_norm_after"],
        max_abs_grad=raw["max_abs_grad"],
        zero_fraction=1.0 - raw["num_nonzero"] / num_values,
        clipped=raw["clipped"],
        clip_coefficient=raw["clip_coefficient"],
        update_ratio=ratio,
        weight_norm=raw["weight_norm"],
        grad_cosine=np.clip(raw["grad_cosine"], -1.0, 1.0),
    )
    return ChunkStatistics(steps, tensor_norms)
