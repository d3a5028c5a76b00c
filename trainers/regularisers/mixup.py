"""Mixup: weighted pairs of examples."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, Self

from pydantic import Field

from trainers.data.base import DataShape
from trainers.kinds import column
from trainers.late import torch
from trainers.regularisers.base import Regulariser, StackedRegulariser
from trainers.regularisers.draws import member_keys, uniform
from trainers.regularisers.inputs import broadcast, need_numbers, unfit_boxes, unfit_tokens
from trainers.regularisers.targets import soft_targets
from trainers.workload import Workload

if TYPE_CHECKING:
    from torch import Tensor


class Mixup(Regulariser):
    """Mixes each example, and its target, with another of the batch: λx + (1 − λ)x′, λ uniform in [0, 1]."""

    kind: Literal["mixup"] = "mixup"
    source = "Zhang et al. 2018, arXiv 1710.09412, with α = 1"
    share: float = Field(1.0, ge=0, le=1, description="share of steps in which batches are mixed")

    def unfit(self, shape: DataShape) -> str | None:
        """Tokens will not do, and no boxes."""
        return unfit_tokens(self.kind, shape) or unfit_boxes(self.kind, shape)

    @classmethod
    def stack(
        cls, kinds: Sequence[Self], workload: Workload, like: Tensor, seeds: Sequence[int]
    ) -> StackedMixup:
        """Shares (K, 1) and keys (K, 2)."""
        keys = member_keys(seeds, "mixup", like.device)
        return StackedMixup(column(kinds, "share", like), keys, workload.num_classes)


class StackedMixup(StackedRegulariser):
    """Mixup for K members: in each step one λ and one pairing per member."""

    def __init__(self, share: Tensor, keys: Tensor, num_classes: int | None) -> None:
        self.share = share  # (K, 1)
        self.keys = keys  # (K, 2)
        self.num_classes = num_classes

    def batch(self, inputs: Tensor, targets: Tensor, step: int) -> tuple[Tensor, Tensor]:
        """Mixed inputs and targets (K, B, ...)."""
        need_numbers(inputs, "mixup")
        K, B = len(self.keys), inputs.shape[1]
        draw = uniform(self.keys, step, "lambda", (2,)).to(self.share.dtype)  # (K, 2)
        kept = torch.where(draw[:, 1:] < self.share, draw[:, :1], torch.ones_like(draw[:, :1]))
        partner = uniform(self.keys, step, "pairs", (B,)).argsort(dim=1)  # (K, B)
        if self.num_classes is not None:
            targets = soft_targets(targets, self.num_classes, self.share.dtype)
        mixed = [_mix(values.expand(K, *values.shape[1:]), kept, partner) for values in (inputs, targets)]
        return mixed[0], mixed[1]


def _mix(values: Tensor, kept: Tensor, partner: Tensor) -> Tensor:
    index = partner.view(*partner.shape, *[1] * (values.dim() - 2)).expand_as(values)
    weight = broadcast(kept, values).to(values.dtype)
    return weight * values + (1 - weight) * values.gather(1, index)
