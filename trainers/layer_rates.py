"""Learning rates of single layers, in place of the optimizer's."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from trainers.errors import ConfigError
from trainers.late import torch
from trainers.layout import ParameterLayout

if TYPE_CHECKING:
    from torch import Tensor

WILDCARDS = "*?["


@dataclass(frozen=True)
class UnfitName:
    """A name in `layer_lr` that cannot stand there, with what was expected and the nearest layer."""

    name: str
    expected: str
    nearest: str | None = None


def unfit_names(names: Collection[str], layers: Sequence[str]) -> Iterator[UnfitName]:
    """Names and patterns that match none of `layers`, and patterns that meet in one layer."""
    for name in names:
        if not any(fnmatchcase(layer, name) for layer in layers):
            expected = f"a layer of this model ({', '.join(layers)}) or a pattern that matches some"
            yield UnfitName(
                name, expected, next(iter(get_close_matches(name, layers, n=1, cutoff=0.5)), None)
            )
    for layer in layers:
        patterns = [name for name in _patterns(names) if fnmatchcase(layer, name)]
        if layer not in names and len(patterns) > 1:
            yield UnfitName(patterns[1], f"patterns that do not meet; {patterns[0]} matches {layer} too")


def layer_rates(wanted: Mapping[str, float], layers: Sequence[str]) -> dict[str, float]:
    """The rate of each layer that `wanted` names, by name or by pattern; a name wins over a pattern.

    Raises `ConfigError` for a name that no layer has, and for patterns that meet.

    >>> layer_rates({"dense*": 0.1, "dense2": 0.3}, ["dense1", "dense2", "output"])
    {'dense1': 0.1, 'dense2': 0.3}
    """
    for unfit in unfit_names(wanted, layers):
        hint = f"; did you mean {unfit.nearest}?" if unfit.nearest else ""
        raise ConfigError(f"layer_lr.{unfit.name}: expected {unfit.expected}{hint}")
    patterns = _patterns(wanted)
    matches = {layer: [name for name in patterns if fnmatchcase(layer, name)] for layer in layers}
    return {
        layer: wanted[layer] if layer in wanted else wanted[matches[layer][0]]
        for layer in layers
        if layer in wanted or matches[layer]
    }


def rate_factors(wanted: Mapping[str, float], lr: float, layout: ParameterLayout) -> Tensor | None:
    """What to multiply updates made at rate `lr` by, as a float64 row (P,); None where nothing differs.

    Every update is proportional to its learning rate, decoupled weight decay included. A rate of 0 gives
    factors of 0: the layer stays as it is. Raises `ConfigError` as `layer_rates` does.
    """
    if not wanted:
        return None
    rates = layer_rates(wanted, layout.layers)
    parts = [
        torch.full((spec.size,), rates.get(spec.layer, lr) / lr, dtype=torch.float64) for spec in layout.specs
    ]
    return torch.cat(parts)


def _patterns(names: Collection[str]) -> list[str]:
    return [name for name in names if any(mark in name for mark in WILDCARDS)]
