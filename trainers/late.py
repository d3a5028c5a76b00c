"""Modules that are imported when something of them is first asked for.

Whoever only reads specs and plans sweeps needs what the kinds declare, and none of their arithmetic: torch
would cost it a second and 130 MB. So every module that is imported for planning has `torch` from here.
"""

from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any


def late(name: str) -> ModuleType:
    """Stands for the module `name`. What was asked for once is found as fast as in the module itself.

    >>> late("math").sqrt(4.0)
    2.0
    """
    stand_in = ModuleType(name)

    def look(attribute: str) -> Any:
        value = getattr(import_module(name), attribute)
        setattr(stand_in, attribute, value)
        return value

    stand_in.__getattr__ = look  # type: ignore[method-assign]
    return stand_in


if TYPE_CHECKING:
    import torch as torch
    from torch.nn import functional as functional
else:
    torch, functional = late("torch"), late("torch.nn.functional")
