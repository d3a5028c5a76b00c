"""Whether a search for an edge has an axis that can have one."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from sweeps.search import Domain, EdgeSearch, Grid, LogGrid, LogUniform, Scale, SearchConfig, Uniform
from sweeps.search.space import overlap
from sweeps.spec.fields import nearest
from sweeps.spec.problems import SpecProblem


def edge_problems(
    written: Iterable[str], axes: Mapping[str, Domain], search: SearchConfig
) -> list[SpecProblem]:
    """What keeps the search from narrowing; `axes` are those of the axes at `written` that are sound."""
    if not isinstance(search, EdgeSearch):
        return []
    paths = list(written)
    if search.axis not in paths:
        expected = f"an axis of this sweep: {', '.join(paths) or 'it has none'}"
        return [SpecProblem("search.axis", search.axis, expected, nearest(search.axis, paths))]
    if search.axis not in axes:
        return []  # the axis has a problem of its own
    return [*_axis_problems(axes[search.axis], search), *_condition_problems(axes, search)]


def between_points(
    axes: Mapping[str, Domain], search: SearchConfig
) -> tuple[dict[str, Domain], dict[str, tuple[str, str]]]:
    """The axes as they are tried: of a grid with an edge, whatever lies between its ends.

    With them, by path, the key that stands for such a grid and the key that the spec has.
    """
    axis = axes.get(search.axis) if isinstance(search, EdgeSearch) else None
    if isinstance(axis, LogGrid):
        tried: Domain = LogUniform(log_uniform=axis.log_grid[:2])
    elif isinstance(axis, Grid):
        tried = Uniform(uniform=axis.grid[:2])
    else:
        return dict(axes), {}
    assert isinstance(search, EdgeSearch)
    return {**axes, search.axis: tried}, {search.axis: (tried.key, axis.key)}


def as_written(problem: SpecProblem, keys: Mapping[str, tuple[str, str]]) -> SpecProblem:
    """The problem at the key that the spec has."""
    for path, (tried, key) in keys.items():
        if problem.path == f"axes.{path}.{tried}":
            return replace(problem, path=f"axes.{path}.{key}")
    return problem


def _axis_problems(axis: Domain, search: EdgeSearch) -> Iterator[SpecProblem]:
    place = f"axes.{search.axis}"
    scale = Scale.of(axis)
    if scale is None:
        expected = "a range, or a grid, whose ends the edge lies between"
        yield SpecProblem(f"{place}.{axis.key}", None, expected)
    elif scale.lo == scale.hi:
        yield SpecProblem(f"{place}.{axis.key}", None, "lo < hi, for an edge to lie between")
    elif scale.is_log and search.resolution is not None and search.resolution <= 1:
        expected = f"a factor above 1, since {search.axis} is logarithmic"
        yield SpecProblem("search.resolution", search.resolution, expected)
    if axis.when:
        yield SpecProblem(f"{place}.when", None, "nothing: the axis with the edge must exist in every cell")


def _condition_problems(axes: Mapping[str, Domain], search: EdgeSearch) -> Iterator[SpecProblem]:
    for path, axis in axes.items():
        for condition in axis.when:
            if path != search.axis and overlap(condition, search.axis):
                expected = "a condition on another axis than that with the edge"
                yield SpecProblem(f"axes.{path}.when.{condition}", condition, expected)
