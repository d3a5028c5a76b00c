"""The form of an optimizer: one flat update for all members of a pack."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, Self

from pydantic import Field

from trainers.kinds import Kind
from trainers.layout import ParameterLayout
from trainers.optimizers.change import Change
from trainers.stacked import Stacked

if TYPE_CHECKING:
    from torch import Tensor


class StackedOptimizer(Stacked):
    """An optimizer over K members: hyperparameters (K, 1), state (K, P)."""

    @abstractmethod
    def update(self, params: Tensor, grads: Tensor, lr: Tensor, step: int) -> Tensor:
        """The change Δw (K, P) to add to `params` (K, P), for learning rates `lr` (K, 1); step counts from 0.

        Decoupled weight decay is part of Δw. `grads` may be overwritten; `params` may not.
        Must equal `torch.optim` step for step where torch has the optimizer, to 1e-12 in float64.
        """

    def change(self, params: Tensor, grads: Tensor, lr: Tensor, step: int) -> Change:
        """The same Δw, with a factor left to multiply by where that saves a pass over memory."""
        return Change(self.update(params, grads, lr, step))

    @property
    def is_linear(self) -> bool:
        """Whether Δw is −lr·g and nothing else, so that a factor on gradients may as well be one on rates."""
        return False

    def reset(self, rows: Tensor) -> None:
        """Forget the moments of the members where `rows` (K,) bool is true; some have none to forget."""

    def preconditioner(self) -> Tensor | None:
        """The diagonal P (K, P) of Δw = −lr·P⁻¹·m, m an average of gradients; None where updates have none.

        With P frozen, training is stable on a quadratic up to a bound on lr·λ₁(P⁻¹H) that depends on how m is
        averaged (arXiv 2207.14484). NaN for a member that has seen no gradient yet.
        """
        return None

    def evaluation_params(self, params: Tensor) -> Tensor:
        """The parameters (K, P) to evaluate at; iterate averaging overrides it."""
        return params


class Optimizer(Kind):
    """Base of optimizer configs; every optimizer has a learning rate."""

    adaptive: ClassVar[bool] = False
    """Whether gradients are divided by their own size, so that updates do not depend on it."""

    lr: float = Field(gt=0, le=1e12, description="learning rate, before the schedule's factor")

    @classmethod
    @abstractmethod
    def stack(cls, optimizers: Sequence[Self], layout: ParameterLayout, like: Tensor) -> StackedOptimizer:
        """One optimizer for K members; `like` (K, P) gives shape, device and dtype of state."""
