"""The form of a clip rule: parameters per member, applied to all members of its kind at once."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar, Literal, Self

from trainers.kinds import Kind
from trainers.layout import ParameterLayout
from trainers.stacked import Stacked

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True)
class Gradients:
    """One step's gradients of M members, before clipping, with the norms that were measured anyway.

    `flat` (M, P) may be overwritten by the rule. `tensor_norms` (M, S) holds each tensor's L2 norm,
    `norm` (M,) the global one; both are robust to overflow of the squares. `params` (M, P) and `loss` (M,)
    are there for rules that compare with them; `step` counts updates from 0. `max_abs` (M,), the largest
    size of an entry, is given where it was measured anyway. `tensor_norms` is empty (M, 0) where no rule of
    the stack needs it.
    """

    flat: Tensor
    norm: Tensor
    tensor_norms: Tensor
    params: Tensor
    loss: Tensor
    step: int
    max_abs: Tensor | None = None

    def largest_entry(self) -> Tensor:
        """The largest size of an entry of each member's gradient (M,)."""
        return self.flat.abs().amax(dim=1) if self.max_abs is None else self.max_abs


@dataclass(frozen=True)
class Clipped:
    """Gradients after clipping: `flat` (M, P), and `norm` (M,) where the rule knows it for free.

    Where `factor` (M,) is not None, `flat` is still to be multiplied by it, see `applied`; `norm` is that of
    the product.
    `clipped` (M,) is 1 where the rule changed the gradient of that member in this step, and `coefficient`
    (M,) the smallest factor that it applied (1 where unchanged). When not None: `reset` (M,) bool asks that
    the member's optimizer forget its moments before this update, and `rate` (M,) is a factor on its learning
    rate in this step; 0 leaves the update out.
    """

    flat: Tensor
    clipped: Tensor
    coefficient: Tensor
    norm: Tensor | None = None
    reset: Tensor | None = None
    rate: Tensor | None = None
    factor: Tensor | None = None

    def applied(self) -> Self:
        """The same with the factor multiplied in, in place."""
        if self.factor is None:
            return self
        return replace(self, flat=self.flat.mul_(self.factor.unsqueeze(1)), factor=None)


class ClipRule(Stacked):
    """A clip rule over M members of one kind; holds their thresholds (M, 1) and running state."""

    changes_nothing: ClassVar[bool] = False
    """Whether the loop may leave the rule out."""

    needs: ClassVar[frozenset[Literal["tensor_norms", "max_abs"]]] = frozenset({"tensor_norms"})
    """What `clip` looks at besides the norm; what no rule needs is measured later, several steps at once."""

    @abstractmethod
    def clip(self, gradients: Gradients) -> Clipped:
        """Clip one step.

        A broken gradient is not repaired: NaN stays NaN. The loop stops a member whose norm before clipping
        is not finite, whatever the rule made of it.
        """


class Clip(Kind):
    """Base of clip configs."""

    @classmethod
    @abstractmethod
    def stack(cls, clips: Sequence[Self], layout: ParameterLayout, like: Tensor) -> ClipRule:
        """One rule for M members; `like` gives device and dtype of the parameters."""
