"""Tokens as vectors."""

import torch
from torch import Tensor


def one_hot(tokens: Tensor, num_tokens: int, like: Tensor) -> Tensor:
    """Rows of the identity (…, num_tokens) for `tokens` (…), in the dtype of `like`."""
    hot = torch.zeros(*tokens.shape, num_tokens, dtype=like.dtype, device=like.device)
    return hot.scatter_(-1, tokens.unsqueeze(-1), 1.0)
