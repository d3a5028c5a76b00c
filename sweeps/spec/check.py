"""Everything wrong with the trials that a spec describes, found without expanding them."""

from typing import Any

from pydantic import TypeAdapter

from sweeps.limits import Limits
from sweeps.search import Domain, GridSearch, SearchConfig
from sweeps.spec.blame import NOT_IN_BASE
from sweeps.spec.check_axes import axis_problems, range_problems, sound_axes
from sweeps.spec.check_edge import as_written, between_points, edge_problems
from sweeps.spec.check_stopping import stopping_problems
from sweeps.spec.check_values import ValueCheck
from sweeps.spec.composer import Composer
from sweeps.spec.problems import SpecProblem
from sweeps.spec.settings import Settings
from sweeps.spec.strictly import accepted


def trial_problems(tree: dict[str, Any], settings: Settings, limits: Limits) -> list[SpecProblem]:
    """What is wrong with workload, base and axes of an unchecked spec, as far as their types allow."""
    workload, base, axes = (tree.get(key, {}) for key in ("workload", "base", "axes"))
    if not (isinstance(workload, dict) and isinstance(base, dict)):
        return []
    if isinstance(axes, dict) and len(axes) > limits.max_axes:
        return [SpecProblem("axes", len(axes), f"at most {limits.max_axes} axes")]
    problems = [
        SpecProblem(f"base.{key}", None, expected) for key, expected in NOT_IN_BASE.items() if key in base
    ]
    composer = Composer(workload, {key: base[key] for key in base if key not in NOT_IN_BASE}, settings)
    search = _search(tree)
    problems += stopping_problems(tree, search)
    return problems + _axes_problems(axes, composer, settings, search)


def _axes_problems(
    written: Any, composer: Composer, settings: Settings, search: SearchConfig
) -> list[SpecProblem]:
    axes = sound_axes(written)
    problems = axis_problems(written if isinstance(written, dict) else (), axes, settings)
    sound: dict[str, Domain] = {
        path: axis for path, axis in axes.items() if not any(_is_about(problem, path) for problem in problems)
    }
    is_partial = not isinstance(written, dict) or len(sound) < len(written)
    problems += edge_problems(written if isinstance(written, dict) else (), sound, search)
    tried, keys = between_points(sound, search)
    found = ValueCheck(composer, tried, settings).problems(is_partial=is_partial)
    problems += [as_written(problem, keys) for problem in found]
    return problems + range_problems(sound, search)


def _search(tree: dict[str, Any]) -> SearchConfig:
    adapter: TypeAdapter[SearchConfig] = TypeAdapter(SearchConfig)
    return accepted(adapter, tree.get("search")) or GridSearch()


def _is_about(problem: SpecProblem, axis: str) -> bool:
    return problem.path == f"axes.{axis}" or problem.path.startswith(f"axes.{axis}.when")
