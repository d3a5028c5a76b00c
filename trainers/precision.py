"""Number formats: what is computed in 16 bits, what is kept in 32, and loss scaling for float16.

In bfloat16 and float16 the model computes in 16 bits from a copy of the parameters; the parameters
themselves, gradients after the backward pass, the optimizer and every statistic are float32, as in arXiv
1710.03740.
"""

import torch
from torch import Tensor

from trainers.stacked import Stacked

FIRST_SCALE = 2.0**16
GROWTH_INTERVAL = 2000
"""Steps without an overflow after which the scale doubles; both as in `torch.amp.GradScaler`."""
SMALLEST_SCALE = 1.0
"""A gradient that overflows without any scaling is an explosion."""


def storage_dtype(computed: torch.dtype) -> torch.dtype:
    """The dtype in which parameters are kept that are computed with in `computed`."""
    return torch.promote_types(computed, torch.float32)


class LossScale(Stacked):
    """The factor on each member's loss that keeps small float16 gradients from becoming zero.

    A step whose scaled gradient overflows is left out and the scale halved: that is no explosion, unless
    the scale is down to 1. The optimizer sees a gradient of zero in such a step.
    """

    def __init__(self, num_members: int, device: str) -> None:
        self.scale = torch.full((num_members,), FIRST_SCALE, device=device)  # (K,)
        self.num_good_steps = torch.zeros(num_members, dtype=torch.int64, device=device)  # (K,)
        self.num_overflows = torch.zeros(num_members, dtype=torch.int64, device=device)  # (K,)

    def unscale(self, grads: Tensor, loss: Tensor) -> Tensor:
        """Divide scaled gradients (K, P) in place; the factor (K,) on learning rates, 0 where left out.

        A gradient that overflowed becomes zero; it stays infinite or NaN where the loss (K,) is not finite
        either, or where the scale cannot be halved any more.
        """
        grads.div_(self.scale.unsqueeze(1))
        # No sum of float16 values leaves the range of float32, so one sum tells whether all are finite.
        overflowed = ~torch.isfinite(grads.sum(dim=1)) & torch.isfinite(loss) & (self.scale > SMALLEST_SCALE)
        grads.masked_fill_(overflowed.unsqueeze(1), 0.0)
        self.num_overflows += overflowed
        self.num_good_steps = torch.where(overflowed, 0, self.num_good_steps + 1)
        grows = self.num_good_steps == GROWTH_INTERVAL
        self.num_good_steps = torch.where(grows, 0, self.num_good_steps)
        self.scale = torch.where(overflowed, self.scale / 2, torch.where(grows, self.scale * 2, self.scale))
        return (~overflowed).to(grads.dtype)
