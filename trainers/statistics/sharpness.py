"""Sharpness: the largest eigenvalue of the loss's Hessian, with or without the optimizer's preconditioner.

Gradient descent is stable on a quadratic while lr · λ₁(H) < 2 (Cohen et al. 2021, arXiv 2103.00065), an
adaptive optimizer while lr · λ₁(P⁻¹H) is below a number of its own (Cohen et al. 2022, arXiv 2207.14484).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from trainers.late import torch
from trainers.layout import ParameterLayout
from trainers.seeds import generator
from trainers.statistics.derivatives import Losses, Product, hessian_product
from trainers.statistics.lanczos import largest_eigenvalues

if TYPE_CHECKING:
    from torch import Tensor

NUM_ITERATIONS = 32
TOLERANCE = 1e-3


def sharpness(
    losses: Losses,
    layout: ParameterLayout,
    params: Tensor,
    preconditioner: Tensor | None = None,
    *,
    iterations: int = NUM_ITERATIONS,
    tolerance: float = TOLERANCE,
) -> Tensor:
    """λ₁(H) of each member (K,), float64, at parameters (K, P); with a diagonal P (K, P) > 0, λ₁(P⁻¹H).

    Lanczos' method on Hessian-vector products from one fixed random start. It ends when some eigenvalue is
    known to lie within `tolerance` of the value, relative, or after `iterations` products; the value is
    never above λ₁, beyond rounding. A loss, derivative or preconditioner that is not finite gives NaN, and so
    does a preconditioner of zero; a constant loss gives 0.
    """
    start = torch.randn(layout.size, generator=generator(0, "sharpness"), dtype=torch.float64)
    rows = start.to(params).expand(len(params), -1)
    product = hessian_product(losses, layout, params)
    if preconditioner is not None:
        product = _preconditioned(product, preconditioner.rsqrt())
    return largest_eigenvalues(product, rows, iterations, tolerance)


def _preconditioned(product: Product, scale: Tensor) -> Product:
    """P^(−1/2) H P^(−1/2), symmetric and with the eigenvalues of P⁻¹H; `scale` (K, P) is P^(−1/2)."""
    return lambda rows: scale * product(scale * rows)
