"""Plain JSON from whatever was read: text as keys, each once; finite numbers; within the limits."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sweeps.limits import Limits
from sweeps.search.numbers import plain
from sweeps.spec.problems import SpecError, SpecProblem, shown

MAX_INT = 2**63


@dataclass(frozen=True)
class Mark:
    """A place in the text; both count from 1."""

    line: int
    column: int


@dataclass(frozen=True)
class RawMapping:
    """A mapping as read: keys of any type, perhaps repeated, each with the place it stands at."""

    pairs: list[tuple[Any, Any, Mark | None]] = field(default_factory=list)


@dataclass(frozen=True)
class RawList:
    """A list as read, each item with the place it stands at."""

    items: list[tuple[Any, Mark | None]] = field(default_factory=list)


@dataclass(frozen=True)
class Document:
    """A spec as plain JSON, and where each of its paths stands in the text."""

    tree: dict[str, Any]
    marks: dict[str, Mark]


def clean(raw: Any, limits: Limits) -> Document:
    """The document of what was read; raises `SpecError` with everything in it that is not plain JSON."""
    cleaner = _Cleaner(limits)
    tree = cleaner.clean(raw, "", None, 1)
    if not isinstance(tree, dict) and not cleaner.problems:
        cleaner.refuse(
            "", None, tree, "a mapping with the keys of a spec, such as name, workload, base, axes"
        )
    if cleaner.problems:
        raise SpecError(cleaner.problems)
    return Document(tree, cleaner.marks)


class _Cleaner:
    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.problems: list[SpecProblem] = []
        self.marks: dict[str, Mark] = {}
        self.num_nodes = 0

    def refuse(self, path: str, mark: Mark | None, value: Any, expected: str) -> None:
        line, column = (mark.line, mark.column) if mark else (None, None)
        self.problems.append(SpecProblem(path, shown(value), expected, None, line, column))

    def clean(self, raw: Any, path: str, mark: Mark | None, depth: int) -> Any:
        self._count(path, mark, depth)
        if mark is not None:
            self.marks[path] = mark
        if isinstance(raw, RawMapping):
            return self._mapping(raw.pairs, path, depth)
        if isinstance(raw, Mapping):
            return self._mapping(((key, raw[key], None) for key in raw), path, depth)
        if isinstance(raw, RawList):
            return self._list(raw.items, path, depth)
        if isinstance(raw, (list, tuple)):
            return self._list(((item, None) for item in raw), path, depth)
        return self._scalar(raw, path, mark)

    def _count(self, path: str, mark: Mark | None, depth: int) -> None:
        self.num_nodes += 1
        if self.num_nodes > self.limits.max_nodes:
            self.refuse(path, mark, None, f"at most {self.limits.max_nodes:,} values in a spec")
            raise SpecError(self.problems)
        if depth > self.limits.max_depth:
            self.refuse(path, mark, None, too_deep(self.limits))
            raise SpecError(self.problems)

    def _mapping(
        self, pairs: Iterable[tuple[Any, Any, Mark | None]], path: str, depth: int
    ) -> dict[str, Any]:
        mapping: dict[str, Any] = {}
        for key, value, mark in pairs:
            if not isinstance(key, str):
                self.refuse(path, mark, key, "a name as key; put it in quotes if it is one")
                continue
            inner = f"{path}.{key}" if path else key
            if key in mapping:
                self.refuse(inner, mark, key, "each key once")
            mapping[key] = self.clean(value, inner, mark, depth + 1)
        return mapping

    def _list(self, items: Iterable[tuple[Any, Mark | None]], path: str, depth: int) -> list[Any]:
        return [
            self.clean(item, f"{path}[{index}]", mark, depth + 1) for index, (item, mark) in enumerate(items)
        ]

    def _scalar(self, raw: Any, path: str, mark: Mark | None) -> Any:
        if isinstance(raw, float) and not math.isfinite(raw):
            self.refuse(path, mark, raw, "a finite number")
        elif isinstance(raw, int) and abs(raw) > MAX_INT:
            self.refuse(path, mark, raw, "a whole number between -2**63 and 2**63")
        elif isinstance(raw, str) and not _is_text(raw):
            self.refuse(path, mark, None, "text that UTF-8 can hold")
        elif raw is None or isinstance(raw, (str, int, float)):
            return plain(raw) if isinstance(raw, float) else raw
        else:
            self.refuse(
                path, mark, str(type(raw).__name__), "a number, text, true, false, a list or a mapping"
            )
        return None


def too_deep(limits: Limits) -> str:
    """What is expected of a document that nests too deeply."""
    return f"at most {limits.max_depth} lists and mappings inside each other"


def _is_text(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
