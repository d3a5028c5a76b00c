"""Causal self-attention of all members at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trainers.late import torch

if TYPE_CHECKING:
    from torch import Tensor

NEGATIVE_INFINITY = float("-inf")


def causal_attention(queries: Tensor, keys: Tensor, values: Tensor) -> tuple[Tensor, Tensor]:
    """Values (N, T, d) mixed by the softmax of scaled dot products with earlier steps; the logits (N, T, T).

    Written out, since fused kernels have no second derivative and hide their logits.
    """
    T, d = queries.shape[1:]
    future = torch.ones(T, T, dtype=torch.bool, device=queries.device).triu(1)
    logits = torch.bmm(queries * d**-0.5, keys.mT)
    weights = logits.masked_fill(future, NEGATIVE_INFINITY).softmax(dim=-1)
    return torch.bmm(weights, values), logits
