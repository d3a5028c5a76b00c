"""Layers over all members of a pack at once: K members, B examples, few kernel launches."""

from torch import Tensor

from trainers.models.affine import Affine


def linear(inputs: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """Affine map (K, B, out) of `inputs` (K or 1, B, in) by `weight` (K, out, in) and `bias` (K, out)."""
    found: Tensor = Affine.apply(inputs, weight, bias)  # type: ignore[no-untyped-call]
    return found
