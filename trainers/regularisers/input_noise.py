"""Noise on the inputs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, Self

from pydantic import Field

from trainers.data.base import DataShape
from trainers.kinds import column
from trainers.regularisers.base import Regulariser, StackedRegulariser
from trainers.regularisers.draws import member_keys, normal
from trainers.regularisers.inputs import broadcast, need_numbers, unfit_tokens
from trainers.workload import Workload

if TYPE_CHECKING:
    from torch import Tensor


class InputNoise(Regulariser):
    """Adds normal noise to every input value."""

    kind: Literal["input_noise"] = "input_noise"
    source = "Bishop 1995, training with noise"
    std: float = Field(0.1, ge=0, description="standard deviation, in units of the inputs")

    def unfit(self, shape: DataShape) -> str | None:
        """Tokens will not do."""
        return unfit_tokens(self.kind, shape)

    @classmethod
    def stack(
        cls, kinds: Sequence[Self], workload: Workload, like: Tensor, seeds: Sequence[int]
    ) -> StackedInputNoise:
        """Deviations (K, 1) and keys (K, 2)."""
        return StackedInputNoise(column(kinds, "std", like), member_keys(seeds, "input_noise", like.device))


class StackedInputNoise(StackedRegulariser):
    """Input noise for K members."""

    def __init__(self, std: Tensor, keys: Tensor) -> None:
        self.std = std  # (K, 1)
        self.keys = keys  # (K, 2)

    def batch(self, inputs: Tensor, targets: Tensor, step: int) -> tuple[Tensor, Tensor]:
        """Noisy inputs (K, B, ...)."""
        need_numbers(inputs, "input_noise")
        noise = broadcast(self.std, inputs) * normal(self.keys, step, "noise", inputs.shape[1:])
        return inputs + noise.to(inputs.dtype), targets
