"""The largest eigenvalue of many symmetric operators at once, by Lanczos' method."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trainers.late import torch
from trainers.statistics.derivatives import Product

if TYPE_CHECKING:
    from torch import Tensor

CHECKED_EVERY = 4
"""Iterations between two looks at the error bounds: a look needs the host."""


def largest_eigenvalues(product: Product, start: Tensor, iterations: int, tolerance: float) -> Tensor:
    """The largest eigenvalue (K,), float64, of K symmetric operators of size P, given `start` (K, P).

    Algebraically largest, as sharpness is: −3 is less than 1. A member's value is the largest Ritz value at
    the first look where some eigenvalue is known to lie within `tolerance` of it, relative, or else after
    `iterations` products: so it does not depend on who else is there. It is never above the largest
    eigenvalue, beyond rounding.
    An operator of zeros gives 0; one that gives NaN or infinity, a start of zeros, or P = 0 gives NaN.

    Three vectors are kept, and none is orthogonalised against those before the last two: that makes copies of
    eigenvalues that were found, which do not matter for the largest (Paige 1980).

    >>> scale = torch.tensor([[1.0, 2.0, 5.0], [-1.0, -2.0, -3.0]], dtype=torch.float64)
    >>> largest_eigenvalues(lambda rows: scale * rows, torch.ones_like(scale), 10, 1e-9).round().tolist()
    [5.0, -1.0]
    """
    ladder = _Ladder(start, min(iterations, start.shape[1]))
    found = start.new_full((len(start),), torch.nan, dtype=torch.float64)
    settled = torch.zeros_like(found, dtype=torch.bool)
    for step in range(ladder.length):
        ladder.climb(product, step)
        if (step + 1) % CHECKED_EVERY and step + 1 < ladder.length:
            continue
        values, bounds = ladder.ritz(step + 1)
        found = torch.where(settled, found, values)
        settled |= ~(bounds > tolerance * values.abs())
        if settled.all():
            break
    return found


class _Ladder:
    """The recurrence of K members: tridiagonal matrices (K, m, m) grow by one row a step."""

    def __init__(self, start: Tensor, length: int) -> None:
        K = len(start)
        self.length = length
        self.diagonal = start.new_zeros(K, length, dtype=torch.float64)
        self.beside = start.new_zeros(K, length, dtype=torch.float64)
        self._tiny = torch.finfo(start.dtype).eps
        self._vector = start / torch.linalg.vector_norm(start, dim=1, keepdim=True)  # (K, P)
        self._before = torch.zeros_like(start)
        self._grows = start.new_ones(K, dtype=torch.bool)

    @property
    def first(self) -> Tensor:
        """The Rayleigh quotients of the starts (K,): no largest eigenvalue is below them."""
        return self.diagonal[:, 0]

    def climb(self, product: Product, step: int) -> None:
        """One product. A member whose vectors already span all that can be reached stays where it is."""
        image = product(self._vector)
        along = torch.linalg.vecdot(self._vector, image)
        image = image - along.unsqueeze(1) * self._vector
        if step:
            image = image - self.beside[:, step - 1 : step].to(image.dtype) * self._before
        across = torch.linalg.vector_norm(image, dim=1)
        self.diagonal[:, step] = torch.where(self._grows, along.double(), self.first) if step else along
        size = self.diagonal.abs().amax(dim=1) + self.beside.amax(dim=1)
        self._grows = self._grows & ~(across <= self._tiny * size)
        self.beside[:, step] = torch.where(self._grows, across.double(), 0.0)
        self._before = self._vector
        self._vector = torch.where(self._grows.unsqueeze(1), image / across.unsqueeze(1), 0.0)

    def ritz(self, num_rows: int) -> tuple[Tensor, Tensor]:
        """The largest eigenvalues so far, and how far from one of the operator's they can be, both (K,)."""
        diagonal, beside = self.diagonal[:, :num_rows], self.beside[:, :num_rows]
        whole = torch.isfinite(diagonal).all(dim=1) & torch.isfinite(beside).all(dim=1)
        rows = whole.unsqueeze(1)
        diagonal, beside = torch.where(rows, diagonal, 0.0), torch.where(rows, beside, 0.0)
        matrices = torch.diag_embed(diagonal) + torch.diag_embed(beside[:, :-1], -1)
        values, vectors = torch.linalg.eigh(matrices)  # reads the lower triangle
        bounds = beside[:, -1] * vectors[:, -1, -1].abs()
        return torch.where(whole, values[:, -1], torch.nan), torch.where(whole, bounds, torch.nan)
