"""What may stand where in a model of nested kinds: read from the pydantic classes themselves."""

import difflib
import types
from collections.abc import Iterable, Iterator, Sequence
from typing import Annotated, Any, Literal, TypeGuard, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

Model = type[BaseModel]
Segments = tuple[str | int, ...]
"""A path: keys, and positions in lists."""


def is_model(annotation: Any) -> TypeGuard[Model]:
    """Whether an annotation is a model class."""
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def alternatives(annotation: Any) -> Iterator[Any]:
    """The types that an annotation allows, unions and annotations unwrapped."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        yield from alternatives(arguments[0])
    elif origin in (Union, types.UnionType):
        for argument in arguments:
            yield from alternatives(argument)
    else:
        yield annotation


def inside(allowed: Iterable[Any], segment: str | int) -> Iterator[Any]:
    """The types allowed at `segment` of a value of any `allowed` type."""
    for annotation in allowed:
        origin, arguments = get_origin(annotation), get_args(annotation)
        if is_model(annotation):
            field = annotation.model_fields.get(str(segment))
            yield from alternatives(field.annotation) if field else ()
        elif origin is dict and isinstance(segment, str):
            yield from alternatives(arguments[1])
        elif origin in (tuple, list) and isinstance(segment, int):
            yield from (option for argument in arguments for option in alternatives(argument))


def models_at(root: Model, tree: Any, path: Segments) -> tuple[Model, ...]:
    """The classes that `tree` can mean at `path`: one, where the kinds along the way are given."""
    allowed: tuple[Any, ...] = (root,)
    for segment in path:
        allowed = tuple(inside(_chosen(allowed, tree), segment))
        tree = step(tree, segment)
    return tuple(annotation for annotation in _chosen(allowed, tree) if is_model(annotation))


def kind_of(model: Model) -> str | None:
    """The `kind` that selects this class; None for one that has no kind."""
    field = model.model_fields.get("kind")
    if field is None or get_origin(field.annotation) is not Literal:
        return None
    return str(get_args(field.annotation)[0])


def fields_named(models: Iterable[Model], name: str) -> list[FieldInfo]:
    """Field `name` of each class that has it."""
    return [model.model_fields[name] for model in models if name in model.model_fields]


def names_in(models: Iterable[Model]) -> tuple[str, ...]:
    """Field names of all classes, each once."""
    return tuple(dict.fromkeys(name for model in models for name in model.model_fields))


def holds(node: Any, segment: str | int) -> bool:
    """Whether a mapping has this key, or a list this position."""
    if isinstance(node, dict):
        return segment in node
    return isinstance(node, list) and isinstance(segment, int) and segment < len(node)


def step(node: Any, segment: str | int) -> Any:
    """What lies at `segment` of a mapping or list; None where nothing does."""
    return node[segment] if holds(node, segment) else None


def value_at(node: Any, path: Segments) -> Any:
    """What lies at the end of `path`; None where nothing does."""
    for segment in path:
        node = step(node, segment)
    return node


def nearest(name: str, candidates: Sequence[str]) -> str | None:
    """The candidate that a user who wrote `name` most likely meant: alike, or ending alike."""
    close = difflib.get_close_matches(name, candidates, n=1, cutoff=0.7)
    last = name.rpartition(".")[2]
    same_end = [candidate for candidate in candidates if candidate.rpartition(".")[2] == last]
    return next(iter([*same_end, *close]), None)


def _chosen(allowed: tuple[Any, ...], node: Any) -> tuple[Any, ...]:
    """The classes among `allowed` that a mapping selects by its kind, or else by the keys it must have."""
    if not isinstance(node, dict):
        return allowed
    models = [annotation for annotation in allowed if is_model(annotation)]
    if "kind" in node:
        fitting = [model for model in models if kind_of(model) == node["kind"]]
    else:
        fitting = [model for model in models if _required(model) & node.keys()]
    return tuple(fitting) or allowed


def _required(model: Model) -> set[str]:
    return {name for name, field in model.model_fields.items() if field.is_required()}
