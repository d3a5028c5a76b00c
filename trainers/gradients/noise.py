"""Gaussian noise on gradients, less of it as training goes on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, Self

from pydantic import Field

from trainers.gradients.base import GradientKind, GradientTransform
from trainers.kinds import exact_column
from trainers.late import torch
from trainers.layout import ParameterLayout
from trainers.seeds import generator

if TYPE_CHECKING:
    from torch import Tensor


class GradientNoise(GradientKind):
    """Adds normal noise whose variance η/(1 + t)^γ falls with the step t."""

    kind: Literal["noise"] = "noise"
    source = "Neelakantan et al. 2015, arXiv 1511.06807"
    eta: float = Field(0.01, ge=0, le=1e12, description="η, variance of the noise at the first step")
    gamma: float = Field(0.55, ge=0, le=10, description="γ, how fast the variance falls")

    @classmethod
    def stack(
        cls, kinds: Sequence[Self], layout: ParameterLayout, like: Tensor, seeds: Sequence[int]
    ) -> GradientTransform:
        """Noise for K members, each from its own seed and the step alone."""
        return _Noise(kinds, like, seeds)


class _Noise(GradientTransform):
    def __init__(self, kinds: Sequence[GradientNoise], like: Tensor, seeds: Sequence[int]) -> None:
        self.eta = exact_column(kinds, "eta", like)  # (K, 1)
        self.gamma = exact_column(kinds, "gamma", like)
        self.seeds = torch.tensor(seeds, dtype=torch.int64)  # (K,)

    def transform(self, flat: Tensor, step: int) -> Tensor:
        deviation = (self.eta / (1 + step) ** self.gamma).sqrt().to(flat.dtype)
        draws = [
            torch.randn(flat.shape[1], generator=generator(seed, "gradient_noise", step), dtype=torch.float32)
            for seed in self.seeds.tolist()
        ]
        return flat.addcmul_(torch.stack(draws).to(flat.device, flat.dtype), deviation) if draws else flat
