"""What pydantic found wrong, as places in the input and words for people."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from pydantic import ValidationError

from sweeps.search import DOMAIN_KEYS
from sweeps.search.numbers import plain
from sweeps.spec.fields import (
    Model,
    Segments,
    fields_named,
    holds,
    models_at,
    names_in,
    nearest,
    value_at,
)


@dataclass(frozen=True)
class Issue:
    """One thing wrong at `path` of the input; `type` is pydantic's name for it."""

    path: Segments
    value: Any
    expected: str
    type: str
    nearest: str | None = None


def issues_of(error: ValidationError, root: Model, tree: Any) -> list[Issue]:
    """Every issue, one a place; alternatives that all failed at one place are joined by `or`."""
    found: dict[Segments, Issue] = {}
    for detail in error.errors(include_url=False):
        issue = _issue(detail, root, tree)
        earlier = found.get(issue.path)
        if earlier is None:
            found[issue.path] = issue
        elif issue.expected not in earlier.expected:
            found[issue.path] = replace(earlier, expected=f"{earlier.expected} or {issue.expected}")
    unknown = [path[:-1] for path in found if path[-1:] == ("kind",)]
    return [issue for path, issue in found.items() if not _belongs_to(path, unknown)]


def _belongs_to(path: Segments, unknown: list[Segments]) -> bool:
    """Whether `path` is a parameter of an unknown kind, of which nothing can be said."""
    return any(path[: len(kind)] == kind and path != (*kind, "kind") for kind in unknown)


def _issue(detail: Any, root: Model, tree: Any) -> Issue:
    path, kind = _place(detail["loc"], tree), detail["type"]
    if kind == "missing" and isinstance(detail["loc"][-1], str):
        return Issue((*path, detail["loc"][-1]), None, "a value, since it has no default", kind)
    if kind in ("missing", "too_long"):
        return Issue(path, value_at(tree, path), _description(root, tree, path), "wrong_length")
    if kind == "extra_forbidden":
        names = names_in(models_at(root, tree, path[:-1]))
        close = nearest(str(path[-1]), names)
        return Issue(path, value_at(tree, path), f"one of {', '.join(names) or 'no keys'}", kind, close)
    if kind in ("union_tag_invalid", "literal_error"):
        return _unknown_word(path, kind, detail, tree)
    if kind == "union_tag_not_found":
        return _no_tag(path, detail, tree)
    words = PHRASES.get(kind)
    expected = words(detail.get("ctx", {})) if words else _sentence(detail["msg"])
    return Issue(path, value_at(tree, path), expected, kind)


def _unknown_word(path: Segments, kind: str, detail: Any, tree: Any) -> Issue:
    if kind == "union_tag_invalid":
        path = (*path, "kind")
    written = detail["ctx"].get("expected_tags") or detail["ctx"]["expected"]
    names = [name.strip().strip("'") for name in written.replace(" or ", ", ").split(", ")]
    value = value_at(tree, path)
    close = nearest(value, names) if isinstance(value, str) else None
    expected = names[0] if len(names) == 1 else f"one of {', '.join(names)}"
    return Issue(path, value, expected, kind, close)


def _no_tag(path: Segments, detail: Any, tree: Any) -> Issue:
    value = value_at(tree, path)
    if detail["ctx"]["discriminator"] == "'kind'":
        return Issue(path, value, "a mapping with a `kind`", detail["type"])
    written = [key for key in value if key not in ("when",)] if isinstance(value, dict) else []
    close = nearest(str(written[0]), DOMAIN_KEYS) if len(written) == 1 else None
    expected = f"a mapping with exactly one of {', '.join(DOMAIN_KEYS)}"
    return Issue(path, value, expected, detail["type"], close)


def _place(location: tuple[int | str, ...], tree: Any) -> Segments:
    """The part of pydantic's location that exists in the input: names of union members are left out.

    A key may have the name of a union member; then the reading that reaches the end of the location counts.
    """
    if not location:
        return ()
    first, rest = location[0], location[1:]
    if not holds(tree, first):
        return _place(rest, tree)
    taken = (first, *_place(rest, tree[first]))
    if rest and taken[-1] != rest[-1]:
        skipped = _place(rest, tree)
        return skipped if skipped[-1:] == rest[-1:] else taken
    return taken


def _description(root: Model, tree: Any, path: Segments) -> str:
    fields = fields_named(models_at(root, tree, path[:-1]), str(path[-1])) if path else []
    described = [field.description for field in fields if field.description]
    return described[0] if described else "a list of another length"


def _sentence(message: str) -> str:
    text = message.removeprefix("Value error, ")
    return text[:1].lower() + text[1:] if text[1:2].islower() else text


def _filled(text: str) -> Callable[[dict[str, Any]], str]:
    return lambda context: text.format(**{name: _plain(value) for name, value in context.items()})


def _plain(value: Any) -> Any:
    return plain(value) if isinstance(value, float) else value


PHRASES: dict[str, Callable[[dict[str, Any]], str]] = {
    kind: _filled(text)
    for kind, text in {
        "string_type": "text",
        "int_type": "a whole number",
        "int_from_float": "a whole number",
        "float_type": "a number",
        "bool_type": "true or false",
        "tuple_type": "a list",
        "list_type": "a list",
        "dict_type": "a mapping",
        "model_type": "a mapping",
        "model_attributes_type": "a mapping",
        "finite_number": "a finite number",
        "greater_than": "a number above {gt}",
        "greater_than_equal": "a number of at least {ge}",
        "less_than": "a number below {lt}",
        "less_than_equal": "a number of at most {le}",
        "too_short": "at least {min_length} of them",
        "string_too_short": "at least {min_length} characters",
        "string_too_long": "at most {max_length} characters",
        "string_pattern_mismatch": "text without control characters",
    }.items()
}
