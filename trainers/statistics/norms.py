"""L2 norms of rows that neither overflow nor underflow when squared.

The squares of finite float32 gradients overflow from 1.8e19 on and vanish below 1e-23, and a sweep meets
both. The cheap sum of squares is taken first; only rows where it looks wrong are done again, scaled, in
float64.
"""

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

Rows = NDArray[Any]

SMALLEST_TRUSTED_SQUARE = {np.dtype(np.float32): 1e-30, np.dtype(np.float64): 1e-290}
"""Sums of squares below this have lost digits to underflow (smallest normal numbers: 1.2e-38, 2.2e-308)."""


def exact_norms(rows: Rows) -> NDArray[np.float64]:
    """L2 norms (K,) of `rows` (K, n), right for every finite row; NaN or infinity give NaN or infinity.

    >>> float(exact_norms(np.full((1, 4), 1e30, np.float32))[0])  # doctest: +ELLIPSIS
    2.00000...e+30
    """
    peaks = np.maximum(rows.max(axis=1, initial=0), -rows.min(axis=1, initial=0)).astype(np.float64)
    found: NDArray[np.float64] = peaks.copy()
    usual = np.isfinite(peaks) & (peaks > 0)
    if usual.any():
        scaled = rows[usual] / peaks[usual, None]
        found[usual] = peaks[usual] * np.sqrt(np.vecdot(scaled, scaled))
    return found


def row_norms(rows: Rows) -> NDArray[np.float64]:
    """L2 norms (K,) of `rows` (K, n) in one pass; `exact_norms` where the squares cannot be trusted."""
    with np.errstate(over="ignore"):
        squares = np.vecdot(rows, rows)
    found: NDArray[np.float64] = np.sqrt(squares, dtype=np.float64)
    doubtful = ~((squares > SMALLEST_TRUSTED_SQUARE[rows.dtype]) & np.isfinite(squares))
    if doubtful.any():
        found[doubtful] = exact_norms(rows[doubtful])
    return found


def device_norms(rows: Tensor) -> Tensor:
    """L2 norms (K,) in float64 of `rows` (K, n) on any device, without a host sync; right for finite rows."""
    if rows.dtype != torch.float64:
        found: Tensor = torch.linalg.vector_norm(rows, dim=1, dtype=torch.float64)
        return found
    peaks = rows.abs().amax(dim=1, keepdim=True)
    scales = torch.where(torch.isfinite(peaks) & (peaks > 0), peaks, torch.ones_like(peaks))
    scaled: Tensor = torch.linalg.vector_norm(rows / scales, dim=1)
    return scaled * scales.squeeze(1)
