"""The settings of a trial: every dotted path that an axis may vary, and what it is when nobody sets it."""

from collections.abc import Iterator
from functools import cached_property
from typing import Any

from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from sweeps.labels import BY_NAME
from sweeps.spec.fields import (
    Model,
    Segments,
    alternatives,
    fields_named,
    inside,
    is_model,
    kind_of,
    models_at,
)

MAX_DEPTH = 6
NOT_AN_AXIS = frozenset({"seed"})
"""Settings that the plan gives to each trial."""


def segments(path: str) -> Segments:
    """The steps of a dotted path; digits are positions in a list.

    >>> segments("gradient.0.epsilon"), segments("layer_lr.block1.mlp")
    (('gradient', 0, 'epsilon'), ('layer_lr', 'block1.mlp'))
    """
    first, dot, name = path.partition(".")
    if first in BY_NAME:
        return (first, name) if dot else (first,)
    return tuple(int(part) if part.isdecimal() and len(part) < 4 else part for part in path.split("."))


def written(path: Segments) -> str:
    """A path as problems show it.

    >>> written(("gradient", 0, "epsilon"))
    'gradient[0].epsilon'
    """
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return text.removeprefix(".")


class Settings:
    """What a trial config of class `root` can be told, whatever kinds it has."""

    def __init__(self, root: Model) -> None:
        self.root = root
        self._defaults: dict[tuple[str, str | None], Any] = {}

    @cached_property
    def kinds(self) -> dict[str, tuple[str, ...]]:
        """Every dotted path, with the kinds that have it (none for a setting outside every kind).

        Positions in lists are written 0, free names *.
        """
        found: dict[str, list[str]] = {}
        for path, model in _walk(self.root, ()):
            kind = kind_of(model)
            found.setdefault(path, []).extend([kind] if kind else [])
        return {path: tuple(kinds) for path, kinds in found.items() if path not in NOT_AN_AXIS}

    @cached_property
    def paths(self) -> tuple[str, ...]:
        """Every dotted path, in order."""
        return tuple(self.kinds)

    def knows(self, path: str) -> bool:
        """Whether a trial can have this setting."""
        return self._key(path) in self.kinds

    def kinds_with(self, path: str) -> tuple[str, ...]:
        """The kinds that have this setting."""
        return self.kinds.get(self._key(path), ())

    def default(self, path: str, kind: str | None) -> Any:
        """What a setting is when nobody sets it; `kind` is that of what holds it. None without a default."""
        if (path, kind) not in self._defaults:
            self._defaults[path, kind] = self._default(path, kind)
        return self._defaults[path, kind]

    def _default(self, path: str, kind: str | None) -> Any:
        *parent, name = segments(path)
        models = [
            model for model in models_at(self.root, {}, tuple(parent)) if kind in (None, kind_of(model))
        ]
        for field in fields_named(models, str(name)):
            if field.default is not PydanticUndefined:
                value = field.default
                return value.model_dump(mode="json") if isinstance(value, BaseModel) else value
        return None

    def _key(self, path: str) -> str:
        steps = segments(path)
        if len(steps) == 2 and steps[0] in BY_NAME and steps[1]:
            return f"{steps[0]}.*"
        return ".".join("0" if isinstance(part, int) else part for part in steps)


def _walk(model: Model, prefix: tuple[str, ...]) -> Iterator[tuple[str, Model]]:
    for name, field in model.model_fields.items():
        path = (*prefix, name)
        yield ".".join(path), model
        if len(path) >= MAX_DEPTH:
            continue
        allowed = tuple(alternatives(field.annotation))
        if name in BY_NAME:
            yield f"{'.'.join(path)}.*", model
        for inner in filter(is_model, allowed):
            yield from _walk(inner, path)
        for element in filter(is_model, inside(allowed, 0)):
            yield f"{'.'.join(path)}.0", model
            yield from _walk(element, (*path, "0"))
