"""Recurrent cells over all members at once: K members, B examples, T steps, n units.

Each `scan` starts from a zero state and gives the states (K, T, B, n). `projected` (K, T, B, gates·n) are
the inputs after their affine map. Steps are unbound once: slicing
them one by one would cost a pass over all steps in each step of the backward pass.
"""

from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor
from torch.nn import functional

from trainers.layout import ParameterSpec
from trainers.models.activations import Activation, activate
from trainers.models.base import Params


class Cell(Protocol):
    """What a recurrent layer does at each step."""

    @property
    def num_gates(self) -> int:
        """Rows of a weight per unit."""
        ...

    def extra_specs(self, layer: str, size: int) -> list[ParameterSpec]:
        """Parameters besides input weight, recurrent weight and bias."""
        ...

    def scan(self, projected: Tensor, params: Params, layer: str) -> Tensor:
        """States (K, T, B, n)."""
        ...


@dataclass(frozen=True)
class PlainCell:
    """h = f(x + W h), as `torch.nn.RNN`."""

    activation: Activation
    num_gates: int = 1

    def extra_specs(self, layer: str, size: int) -> list[ParameterSpec]:
        """None."""
        return []

    def scan(self, projected: Tensor, params: Params, layer: str) -> Tensor:
        """States (K, T, B, n)."""
        weight = params[f"{layer}.recurrent"].mT
        first, *others = projected.unbind(1)
        states = [activate(self.activation, first)]
        for step in others:
            states.append(activate(self.activation, torch.baddbmm(step, states[-1], weight)))
        return torch.stack(states, dim=1)


@dataclass(frozen=True)
class LstmCell:
    """Long short-term memory as `torch.nn.LSTM`; rows are input, forget and output gate, then candidate.

    `forget_bias` is added to the forget gate (Jozefowicz et al. 2015).
    """

    forget_bias: float
    num_gates: int = 4

    def extra_specs(self, layer: str, size: int) -> list[ParameterSpec]:
        """None."""
        return []

    def scan(self, projected: Tensor, params: Params, layer: str) -> Tensor:
        """States (K, T, B, n)."""
        recurrent = params[f"{layer}.recurrent"].mT
        size = recurrent.shape[1]
        offset = projected.new_zeros(4 * size)
        offset[size : 2 * size] = self.forget_bias
        state = memory = projected.new_zeros(*projected.shape[0:3:2], size)  # (K, B, n)
        states = []
        for step in (projected + offset).unbind(1):
            rows = torch.baddbmm(step, state, recurrent)
            let_in, keep, let_out = rows[..., : 3 * size].sigmoid().chunk(3, dim=-1)
            memory = torch.addcmul(keep * memory, let_in, rows[..., 3 * size :].tanh())
            state = let_out * memory.tanh()
            states.append(state)
        return torch.stack(states, dim=1)


@dataclass(frozen=True)
class GruCell:
    """Gated recurrent unit as `torch.nn.GRU`; rows are reset and update gate, then candidate.

    The candidate has a recurrent bias of its own, since the reset gate acts on it.
    """

    num_gates: int = 3

    def extra_specs(self, layer: str, size: int) -> list[ParameterSpec]:
        """The candidate's recurrent bias (n,)."""
        return [ParameterSpec(f"{layer}.candidate_bias", (size,), "bias", layer, size, size)]

    def scan(self, projected: Tensor, params: Params, layer: str) -> Tensor:
        """States (K, T, B, n)."""
        recurrent = params[f"{layer}.recurrent"].mT
        size = recurrent.shape[1]
        offset = functional.pad(params[f"{layer}.candidate_bias"], (2 * size, 0)).unsqueeze(1)  # (K, 1, 3n)
        state = projected.new_zeros(*projected.shape[0:3:2], size)  # (K, B, n)
        states = []
        for step in projected.unbind(1):
            rows = torch.baddbmm(offset, state, recurrent)
            reset, update = (step[..., : 2 * size] + rows[..., : 2 * size]).sigmoid().chunk(2, dim=-1)
            candidate = torch.addcmul(step[..., 2 * size :], reset, rows[..., 2 * size :]).tanh()
            state = torch.lerp(candidate, state, update)
            states.append(state)
        return torch.stack(states, dim=1)
