"""Gradients as the loop hands them to a clip rule, and torch's own clipping for comparison."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from trainers.clipping import Clip, Clipped, ClipRule, Gradients
from trainers.layout import ParameterLayout, ParameterSpec

LAYOUT = ParameterLayout(
    (
        ParameterSpec("dense1.weight", (3, 2), "weight", "dense1", 2, 3),
        ParameterSpec("dense1.bias", (3,), "bias", "dense1", 2, 3),
        ParameterSpec("output.weight", (2, 3), "weight", "output", 3, 2, True),
        ParameterSpec("output.bias", (2,), "bias", "output", 3, 2, True),
    )
)


def gradients(flat: Tensor, step: int = 0, params: Tensor | None = None, loss: float = 1.0) -> Gradients:
    """Gradients (M, P) with the norms that the meter measures; the caller's tensor is not touched."""
    wide = flat.double()
    tensor_norms = torch.stack(
        [torch.linalg.vector_norm(part, dim=1) for part in LAYOUT.segments(wide)], dim=1
    )
    return Gradients(
        flat=flat.clone(),
        norm=torch.linalg.vector_norm(wide, dim=1).to(flat.dtype),
        tensor_norms=tensor_norms.to(flat.dtype),
        params=torch.ones_like(flat) if params is None else params,
        loss=torch.full((len(flat),), loss, dtype=flat.dtype),
        step=step,
    )


def stack(clips: Sequence[Clip], like: Tensor) -> ClipRule:
    """The rule of `clips`, which are of one kind, for parameters like `like` (M, P)."""
    return type(clips[0]).stack(clips, LAYOUT, like)


def clip_once(clips: Sequence[Clip], flat: Tensor) -> Clipped:
    """One step of the rule of `clips` on gradients `flat` (M, P)."""
    return stack(clips, flat).clip(gradients(flat)).applied()


def clip_with_torch(flat: Tensor, clip: Callable[[list[Tensor]], object]) -> Tensor:
    """Rows of `flat` (M, P) after `clip` worked on each as separate parameters with gradients."""
    return torch.stack([_clip_row(row, clip) for row in flat])


def draw(num_members: int, seed: int = 0, scale: float = 1.0) -> Tensor:
    """Gradients (M, P) in float64."""
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(num_members, LAYOUT.size, generator=generator, dtype=torch.float64) * scale


def _clip_row(row: Tensor, clip: Callable[[list[Tensor]], object]) -> Tensor:
    params = []
    for start, stop in LAYOUT.bounds:
        params.append(torch.zeros(stop - start, dtype=row.dtype))
        params[-1].grad = row[start:stop].clone()
    clip(params)
    return torch.cat([param.grad for param in params if param.grad is not None])
