"""Trial configs from a spec's base and what its axes set."""

from collections.abc import Mapping
from typing import Any

from sweeps.search import Assignment
from sweeps.spec.fields import Segments, holds
from sweeps.spec.settings import Settings, segments

MISSING = object()


class Composer:
    """Lays what the axes set over what every trial shares; kinds before their parameters."""

    def __init__(self, workload: Mapping[str, Any], base: Mapping[str, Any], settings: Settings) -> None:
        self.shared = {"workload": dict(workload), **base}
        self._settings = settings

    def compose(self, assignment: Assignment) -> dict[str, Any]:
        """The trial config as JSON, not validated; the shared part is not touched."""
        tree: Any = self.shared
        for path in sorted(assignment, key=lambda path: len(segments(path))):
            tree = self._set(tree, segments(path), assignment[path], ())
        config: dict[str, Any] = tree
        return config

    def setting(self, assignment: Assignment, path: str) -> Any:
        """What a trial's setting is, as assigned, as shared, or by default; None where it does not exist."""
        value = self._written(assignment, path)
        if value is not MISSING:
            return value
        parent, _, name = path.rpartition(".")
        kind = self.setting(assignment, f"{parent}.kind") if parent and name != "kind" else None
        if name == "kind":
            whole = self._settings.default(parent, None)
            return whole.get("kind") if isinstance(whole, dict) else self._settings.default(path, None)
        return self._settings.default(path, kind)

    def _written(self, assignment: Assignment, path: str) -> Any:
        setters = [axis for axis in assignment if path == axis or path.startswith(f"{axis}.")]
        if setters:
            setter = max(setters, key=len)
            return _find(assignment[setter], segments(path)[len(segments(setter)) :])
        return _find(self.shared, segments(path))

    def _set(self, node: Any, path: Segments, value: Any, above: Segments) -> Any:
        """`node` with `value` at `path`: copied along the way, left alone where it cannot hold the path."""
        if not path:
            return value
        first, rest = path[0], path[1:]
        held = node[first] if holds(node, first) else self._empty(first, rest, above)
        inner = self._set(held, rest, value, (*above, first))
        if isinstance(node, dict):
            return {**node, first: inner}
        if isinstance(node, list) and isinstance(first, int):
            before = [*node[:first], *({} for _ in range(first - len(node)))]
            return [*before, inner, *node[first + 1 :]]
        return node

    def _empty(self, first: str | int, rest: Segments, above: Segments) -> Any:
        """What a path leads through where nobody set anything yet."""
        if rest and isinstance(rest[0], int):
            return []
        default = None if above else self._settings.default(str(first), None)
        return default if isinstance(default, dict) else {}


def _find(node: Any, path: Segments) -> Any:
    for segment in path:
        if not holds(node, segment):
            return MISSING
        node = node[segment]
    return node
