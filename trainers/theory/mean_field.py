"""Mean field theory of wide random networks: how signals and gradients change from layer to layer.

A layer's pre-activations are N(0, q) in the limit of infinite width. With weights N(0, σ_w²/fan_in) and
biases N(0, σ_b²) the variance q moves to σ_w²·E[φ(√q z)²] + σ_b², and squared gradients are multiplied by
χ = σ_w²·E[φ′(√q z)²] per layer. At χ = 1 signals reach any depth: the critical line, the edge of chaos.
Source: Schoenholz et al. 2017, arXiv 1611.01232.
"""

from collections.abc import Callable
from functools import cache
from math import exp, log, sqrt
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
MeanFieldActivation = Literal["tanh", "relu", "linear"]

NUM_NODES = 256
"""Gauss-Hermite nodes: tanh's moments are exact to 1e-12 for √q up to 5."""
MAX_ITERATIONS = 100_000
"""The variance map converges like χ^n, which is slow close to the critical line."""


def variance_fixed_point(activation: MeanFieldActivation, sigma_w2: float, sigma_b2: float) -> float:
    """q*, the pre-activation variance that deep layers settle at; infinity when it grows without end.

    A scale-free activation without biases keeps whatever variance it is given; then 1 is returned.
    """
    if activation != "tanh":
        growth = sigma_w2 * (0.5 if activation == "relu" else 1.0)
        if growth >= 1:
            return 1.0 if growth == 1 and sigma_b2 == 0 else float("inf")
        return sigma_b2 / (1 - growth)
    q = sigma_w2 + sigma_b2
    for _ in range(MAX_ITERATIONS):
        following = sigma_w2 * _mean_square(np.tanh, q) + sigma_b2
        if abs(following - q) <= 1e-14 * max(q, 1e-300):
            return following
        q = following
    return q


def gradient_factor(activation: MeanFieldActivation, sigma_w2: float, sigma_b2: float) -> float:
    """χ: what a squared gradient is multiplied by per layer, towards the input.

    >>> round(gradient_factor("relu", 2.0, 0.0), 12)
    1.0
    """
    if activation != "tanh":
        return sigma_w2 * (0.5 if activation == "relu" else 1.0)
    q = variance_fixed_point(activation, sigma_w2, sigma_b2)
    return sigma_w2 * _mean_square(_tanh_slope, q)


def gradient_slope(activation: MeanFieldActivation, sigma_w2: float, sigma_b2: float) -> float:
    """ln χ: slope per layer of the logarithm of the squared gradient norm, towards the input."""
    return log(gradient_factor(activation, sigma_w2, sigma_b2))


def correlation_length(activation: MeanFieldActivation, sigma_w2: float, sigma_b2: float) -> float:
    """ξ in layers: differences between two inputs fade as e^(−depth/ξ); infinity on the critical line.

    Holds on the ordered side, χ < 1, where inputs become alike. Raises `ValueError` on the chaotic side.
    """
    factor = gradient_factor(activation, sigma_w2, sigma_b2)
    if factor > 1:
        raise ValueError(f"χ = {factor:.4g} is above 1: inputs move apart instead of becoming alike")
    return float("inf") if factor == 1 else -1 / log(factor)


def critical_point(variance: float) -> tuple[float, float]:
    """(σ_w², σ_b²) on tanh's critical line whose fixed point is `variance`.

    χ = 1 and the fixed point are two equations that are linear in the two unknowns once q* is given.
    """
    sigma_w2 = 1 / _mean_square(_tanh_slope, variance)
    return sigma_w2, variance - sigma_w2 * _mean_square(np.tanh, variance)


def critical_sigma_b2(sigma_w2: float) -> float:
    """σ_b² at which tanh networks with `sigma_w2` are critical; raises `ValueError` at or below 1.

    >>> round(critical_sigma_b2(1.5), 4)
    0.0158
    """
    if sigma_w2 <= 1:
        raise ValueError(f"tanh networks are critical only for σ_w² above 1, got {sigma_w2}")
    low, high = log(1e-12), log(100.0)
    while high - low > 1e-13 * abs(high):
        middle = (low + high) / 2
        if middle in (low, high):
            break
        low, high = (middle, high) if critical_point(exp(middle))[0] < sigma_w2 else (low, middle)
    return critical_point(exp(high))[1]


def _tanh_slope(values: Floats) -> Floats:
    return np.asarray(1 / np.cosh(values) ** 2)


def _mean_square(function: Callable[[Floats], Floats], variance: float) -> float:
    """E[f(√q z)²] over z ~ N(0, 1)."""
    nodes, weights = _gauss_hermite()
    return float(weights @ function(sqrt(variance) * nodes) ** 2)


@cache
def _gauss_hermite() -> tuple[Floats, Floats]:
    """Nodes and weights for the standard normal distribution."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(NUM_NODES)
    return nodes, weights / sqrt(2 * np.pi)
