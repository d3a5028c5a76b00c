"""Which part of the spec is to blame for what is wrong with a trial config."""

from collections.abc import Mapping
from typing import Any

from sweeps.search import Assignment, Domain
from sweeps.search.domains import Values
from sweeps.spec.fields import Segments
from sweeps.spec.issues import Issue
from sweeps.spec.problems import SpecProblem, shown
from sweeps.spec.settings import Settings, segments, written

NOT_IN_BASE = {
    "workload": "`workload` beside `base`, not inside it",
    "seed": "`seeds: n` and `seed` beside `base`, not inside it",
}
"""Settings of a trial that a spec gives elsewhere."""


def blame(
    issue: Issue, assignment: Assignment, axes: Mapping[str, Domain], settings: Settings
) -> SpecProblem:
    """The issue of a trial config as a problem of the spec: of the axis that set it, else of the base."""
    setter = setter_of(issue.path, assignment)
    if setter is None:
        expected = _names_in_base(settings) if _is_unknown_in_base(issue) else issue.expected
        return SpecProblem(shared_path(issue.path), shown(issue.value), expected, issue.nearest)
    axis, value, rest = axes[setter], assignment[setter], issue.path[len(segments(setter)) :]
    if issue.type == "extra_forbidden" and not rest:
        return _without_condition(setter, settings)
    place = f"axes.{setter}.{axis.key}"
    if isinstance(axis, Values):
        place += f"[{_position(value, axis.values)}]"
    if rest:
        place += f".{written(rest)}" if isinstance(rest[0], str) else written(rest)
    return SpecProblem(place, shown(issue.value), issue.expected, issue.nearest)


def setter_of(path: Segments, assignment: Mapping[str, Any]) -> str | None:
    """The axis that set what lies at `path` of a trial config: the innermost, where several did."""
    setters = [axis for axis in assignment if path[: len(segments(axis))] == segments(axis)]
    return max(setters, key=len, default=None)


def shared_path(path: Segments) -> str:
    """Where the spec writes a setting that no axis sets."""
    return written(path) if path[:1] == ("workload",) else written(("base", *path))


def _is_unknown_in_base(issue: Issue) -> bool:
    return issue.type == "extra_forbidden" and len(issue.path) == 1


def _names_in_base(settings: Settings) -> str:
    return f"one of {', '.join(name for name in settings.root.model_fields if name not in NOT_IN_BASE)}"


def _without_condition(axis: str, settings: Settings) -> SpecProblem:
    parent = axis.rpartition(".")[0]
    kinds = settings.kinds_with(axis)
    condition = f"{parent}.kind: {kinds[0] if len(kinds) == 1 else '[' + ', '.join(kinds) + ']'}"
    expected = f"`when: {{{condition}}}` on this axis, since other kinds of {parent} have no such setting"
    return SpecProblem(f"axes.{axis}", None, expected)


def _position(value: Any, values: tuple[Any, ...]) -> int:
    return next(index for index, other in enumerate(values) if other is value or other == value)
