"""What layers give: how large, how many units are dead, and how far attention logits go."""

import torch
from torch import Tensor

from trainers.models.base import Part
from trainers.statistics.norms import device_norms
from trainers.tape import SilentTape


class ActivationTape(SilentTape):
    """Measures each layer of a forward pass; every value is (K,) in float64, by layer.

    `rms` is the root mean square of the layer's output, right for every finite output; NaN or infinity give
    NaN or infinity. `num_dead` counts units that are exactly 0 for every example, as those of a dead ReLU
    are, out of `num_units`: the last dimension of what comes out of the layer's nonlinearity. A unit that is
    NaN anywhere is not dead. `logit_max` is the largest attention logit that is not masked.
    """

    def __init__(self) -> None:
        self.rms: dict[str, Tensor] = {}
        self.num_dead: dict[str, Tensor] = {}
        self.num_units: dict[str, Tensor] = {}
        self.logit_max: dict[str, Tensor] = {}

    def observe(self, layer: str, activation: Tensor) -> Tensor:
        """The activation (K, B, ..., n), measured."""
        flat = activation.flatten(1)
        self.rms[layer] = device_norms(flat) / flat.shape[1] ** 0.5
        if layer not in self.num_dead:
            self._count(layer, activation)
        return activation

    def inside(self, layer: str, part: Part, values: Tensor) -> None:
        """Count a layer's inner units (K, B, ..., n), or find the largest of its logits (K, N, T, T)."""
        if part == "units":
            self._count(layer, values)
        else:
            future = torch.ones(values.shape[-2:], dtype=torch.bool, device=values.device).triu(1)
            seen = values.masked_fill(future, -torch.inf)
            self.logit_max[layer] = seen.flatten(1).amax(dim=1).double()

    def _count(self, layer: str, units: Tensor) -> None:
        dead = (units == 0).flatten(1, -2).all(dim=1)  # (K, n)
        self.num_dead[layer] = dead.sum(dim=1).double()
        self.num_units[layer] = torch.full_like(self.num_dead[layer], dead.shape[1])
