"""Per-step statistics of trials: what the outcome rules and the curves are made from."""

from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class StepSeries:
    """One value per step made, each array (n,); the last may be non-finite where training broke.

    Of K trials that made as many steps, each array is (K, n).

    loss: training loss of the step's batch, before the update.
    grad_norm, grad_norm_after: global L2 norm of the gradient before and after clipping.
    max_abs_grad: largest |gradient|, before clipping. zero_fraction: share of exact zeros in it.
    clipped: 1 where the clip rule changed the gradient. clip_coefficient: smallest factor it applied.
    update_ratio: norm of the update over the norm of the weights. weight_norm: before the update.
    grad_cosine: cosine to the step before; near −1 the run bounces between two sides. NaN at the first step.
    """

    loss: Floats
    grad_norm: Floats
    grad_norm_after: Floats
    max_abs_grad: Floats
    zero_fraction: Floats
    clipped: Floats
    clip_coefficient: Floats
    update_ratio: Floats
    weight_norm: Floats
    grad_cosine: Floats

    @property
    def num_steps(self) -> int:
        """n: steps made, the broken one included."""
        return int(self.loss.shape[-1])

    @classmethod
    def names(cls) -> tuple[str, ...]:
        """The statistics by name, in order."""
        return tuple(field.name for field in fields(cls))

    def rows(self) -> list["StepSeries"]:
        """The series of each of K trials, as views."""
        arrays = [getattr(self, name) for name in self.names()]
        return [StepSeries(*values) for values in zip(*arrays, strict=True)]

    def cut(self, num_steps: int) -> "StepSeries":
        """The first `num_steps` steps."""
        changes: dict[str, Any] = {name: getattr(self, name)[..., :num_steps] for name in self.names()}
        return replace(self, **changes)
