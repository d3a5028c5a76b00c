"""Layers over all members of a pack at once: K members, B examples, few kernel launches."""

import torch
from torch import Tensor


def linear(inputs: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """Affine map (K, B, out) of `inputs` (K or 1, B, in) by `weight` (K, out, in) and `bias` (K, out)."""
    stacked = inputs.expand(weight.shape[0], -1, -1)
    if bias is None:
        return torch.bmm(stacked, weight.mT)
    return torch.baddbmm(bias.unsqueeze(1), stacked, weight.mT)
