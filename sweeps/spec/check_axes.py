"""Whether axes stand where a trial has settings, and exist under conditions that can be."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pydantic import TypeAdapter

from sweeps.search import Axis, Domain, EdgeSearch, SearchConfig, Space
from sweeps.search.space import overlap
from sweeps.spec.fields import nearest
from sweeps.spec.problems import SpecProblem, shown
from sweeps.spec.settings import Settings
from sweeps.spec.strictly import accepted

A_SETTING = "the dotted path of a setting"


def sound_axes(tree: Any) -> dict[str, Domain]:
    """The axes of an unchecked spec that are sound by themselves, whatever the others are."""
    adapter: TypeAdapter[Domain] = TypeAdapter(Axis)
    axes = tree if isinstance(tree, dict) else {}
    parsed = {path: accepted(adapter, axis) for path, axis in axes.items()}
    return {path: axis for path, axis in parsed.items() if axis is not None}


def axis_problems(paths: Iterable[str], axes: Mapping[str, Domain], settings: Settings) -> list[SpecProblem]:
    """Unknown `paths`, unknown or circular conditions; each problem's path starts with that of its axis.

    `axes` are those of the axes at `paths` that are sound by themselves.
    """
    problems = [problem for path in paths for problem in _path_problems(path, settings)]
    for path, axis in axes.items():
        for condition, wanted in axis.when.items():
            problems += _condition_problems(path, condition, wanted, settings)
    for path in Space(axes, lambda assignment, path: None).cycle:
        problems.append(SpecProblem(f"axes.{path}.when", None, "conditions that do not wait for each other"))
    return problems


def range_problems(axes: Mapping[str, Domain], search: SearchConfig) -> list[SpecProblem]:
    """Ranges where the search needs points."""
    way_out = (
        "a range needs `cells: {kind: random, trials: n}`, or sobol, in the search"
        if isinstance(search, EdgeSearch)
        else "a range is for search kind random, sobol, tpe or gp"
    )
    expected = f"points to list for search kind {search.kind}: values, grid or log_grid; {way_out}"
    return [
        SpecProblem(f"axes.{path}.{axis.key}", None, expected)
        for path, axis in axes.items()
        if search.needs_points(path) and axis.size is None
    ]


def _path_problems(path: str, settings: Settings) -> Iterator[SpecProblem]:
    if path.partition(".")[0] == "seed":
        expected = "`seeds: n` beside `axes`, which repeats every configuration with other seeds"
        yield SpecProblem(f"axes.{path}", None, expected)
    elif not settings.knows(path):
        yield SpecProblem(f"axes.{path}", path, A_SETTING, nearest(path, settings.paths))


def _condition_problems(path: str, condition: str, wanted: Any, settings: Settings) -> Iterator[SpecProblem]:
    place = f"axes.{path}.when.{condition}"
    if not settings.knows(condition):
        yield SpecProblem(place, condition, A_SETTING, nearest(condition, settings.paths))
    elif overlap(condition, path):
        yield SpecProblem(place, condition, "another setting than the axis itself")
    elif any(isinstance(value, (dict, list)) for value in (wanted if isinstance(wanted, list) else [wanted])):
        yield SpecProblem(place, shown(wanted), "a number, a word, or a list of them")
