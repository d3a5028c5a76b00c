"""How much of a gradient is signal: its mean and variance over batches, and the gradient noise scale.

With E[g] and Var[g] the mean and variance of the gradient of a random batch of B examples, summed over
parameters, the signal-to-noise ratio is ‖E[g]‖² / Var[g]. Var[g] falls as 1/B, so B · Var[g] / ‖E[g]‖² does
not depend on B: it is the simple noise scale of arXiv 1812.06162, the batch size at which both are equal.
"""

from collections.abc import Iterable
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from trainers.layout import ParameterLayout

Floats = NDArray[np.float64]


def signal_and_noise(gradients: Iterable[Tensor], layout: ParameterLayout) -> tuple[Tensor, Tensor]:
    """Unbiased estimates of ‖E[g]‖² and Var[g] for each member and tensor, both (K, S) in float64.

    `gradients` are n ≥ 2 independent ones (K, P). Of one, the variance is not known, and both are NaN. These
    are the two estimators of arXiv 1812.06162, appendix A, for batches of B and n·B examples: average both
    before dividing, since a ratio of estimates is biased. The variance is Welford's (1962).
    """
    mean = spread = torch.empty(0)
    count = 0
    for gradient in gradients:
        exact = gradient.double()
        if count == 0:
            mean, spread = torch.zeros_like(exact), torch.zeros_like(exact)
        count += 1
        before = exact - mean
        mean = mean + before / count
        spread = spread.addcmul_(before, exact - mean)
    of_mean = torch.stack([part.square().sum(dim=1) for part in layout.segments(mean)], dim=1)
    noise = torch.stack([part.sum(dim=1) for part in layout.segments(spread)], dim=1)
    noise = noise / (count - 1) if count > 1 else torch.full_like(noise, torch.nan)
    return of_mean - noise / count, noise


def signal_to_noise(signal: Any, noise: Any) -> Floats:
    """‖E[g]‖² / Var[g] of averaged estimates, any shape.

    0 where the signal's estimate is negative: it is lost in the noise. Infinite without noise, NaN where
    there is neither, or where an estimate is NaN.

    >>> signal_to_noise([4.0, -1.0, 1.0, 0.0], [2.0, 2.0, 0.0, 0.0]).tolist()
    [2.0, 0.0, inf, nan]
    """
    with np.errstate(all="ignore"):
        return np.asarray(np.maximum(np.asarray(signal), 0.0) / np.asarray(noise))


def noise_scale(signal: Any, noise: Any, batch_size: int) -> Floats:
    """The gradient noise scale in examples, from averaged estimates for batches of `batch_size`, any shape.

    Infinite where the signal's estimate is not above 0, NaN where there is neither signal nor noise, or where
    an estimate is NaN.

    >>> noise_scale([4.0, -1.0, 1.0, 0.0], [2.0, 2.0, 0.0, 0.0], 10).tolist()
    [5.0, inf, 0.0, nan]
    """
    with np.errstate(all="ignore"):
        return np.asarray(batch_size * np.asarray(noise) / np.maximum(np.asarray(signal), 0.0))
