"""Random numbers that follow from (member, step, place) alone, drawn for all members at once.

Generators with a state would have to be saved, restored and kept in step for every member; a hash of what is
drawn needs none of that, gives the same numbers on every device, and lets a step be run again.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import TYPE_CHECKING

from trainers.late import torch
from trainers.seeds import derive_seed

if TYPE_CHECKING:
    from torch import Tensor

_MASK = 0xFFFFFFFF


def member_keys(seeds: Sequence[int], purpose: str, device: torch.device) -> Tensor:
    """Two 32-bit keys for each member (K, 2), int64."""
    keys = [[derive_seed(seed, purpose, half) & _MASK for half in (0, 1)] for seed in seeds]
    return torch.tensor(keys, dtype=torch.int64, device=device)


def uniform(keys: Tensor, step: int, place: str, shape: Sequence[int]) -> Tensor:
    """Float32 numbers in [0, 1), (K, *shape): member k's follow from its keys, `step` and `place`.

    Two rounds of a 32-bit integer hash with full avalanche (multipliers of lowbias32, C. Wellons 2018).
    """
    salt = derive_seed(step, place) & _MASK
    index = torch.arange(prod(shape), dtype=torch.int64, device=keys.device)
    values = _hash((index ^ salt).unsqueeze(0) ^ keys[:, :1])
    values = _hash(values ^ keys[:, 1:])
    # 24 bits are what float32 holds exactly, so that 1.0 is never drawn.
    return ((values >> 8).to(torch.float32) * 2.0**-24).view(len(keys), *shape)


def normal(keys: Tensor, step: int, place: str, shape: Sequence[int]) -> Tensor:
    """Float32 standard normal numbers (K, *shape), by Box and Muller's transform."""
    radius = (-2.0 * torch.log1p(-uniform(keys, step, place + "/r", shape))).sqrt()
    return radius * torch.cos(2.0 * torch.pi * uniform(keys, step, place + "/a", shape))


def _hash(values: Tensor) -> Tensor:
    values = ((values ^ (values >> 16)) * 0x7FEB352D) & _MASK
    values = ((values ^ (values >> 15)) * 0x846CA68B) & _MASK
    return values ^ (values >> 16)
