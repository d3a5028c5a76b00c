"""State that can be saved and loaded again, bit for bit: trees of tensors, numbers, text, lists and dicts.

Such a tree goes through `torch.save` and comes back through `torch.load(..., weights_only=True)`.
"""

from typing import Any

from torch import Tensor

from trainers.stacked import Stacked

State = dict[str, Any]


def saved(stacked: Stacked) -> State:
    """What may change in `stacked` while it trains: its tensors, numbers, lists, dicts and nested objects."""
    return {name: _saved(value) for name, value in vars(stacked).items() if _is_state(value)}


def load_into(stacked: Stacked, state: State, device: str) -> None:
    """Bring `stacked`, made for the same members, to what `saved` wrote."""
    for name, value in state.items():
        setattr(stacked, name, _loaded(vars(stacked).get(name), value, device))


def _is_state(value: Any) -> bool:
    if isinstance(value, list):
        return all(_is_state(item) for item in value)
    if isinstance(value, dict):
        return all(_is_state(item) for item in value.values())
    return value is None or isinstance(value, Tensor | Stacked | bool | int | float | str)


def _saved(value: Any) -> Any:
    if isinstance(value, Tensor):
        return value.detach().cpu().clone()
    if isinstance(value, Stacked):
        return saved(value)
    if isinstance(value, list):
        return [_saved(item) for item in value]
    if isinstance(value, dict):
        return {key: _saved(item) for key, item in value.items()}
    return value


def _loaded(present: Any, value: Any, device: str) -> Any:
    """`value` as it was; objects are brought up to date in place, since only their owner can make them."""
    if isinstance(present, Stacked):
        load_into(present, value, device)
        return present
    if isinstance(value, Tensor):
        return value.to(device, copy=True)
    if isinstance(value, list):
        known = present if isinstance(present, list) and len(present) == len(value) else [None] * len(value)
        return [_loaded(old, new, device) for old, new in zip(known, value, strict=True)]
    if isinstance(value, dict):
        old = present if isinstance(present, dict) else {}
        return {key: _loaded(old.get(key), new, device) for key, new in value.items()}
    return value
