"""From what a user wrote to a spec that can be planned."""

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

from sweeps.limits import DEFAULT_LIMITS, Limits
from sweeps.spec.check import trial_problems
from sweeps.spec.composer import Composer
from sweeps.spec.document import read_document
from sweeps.spec.model import SweepSpec
from sweeps.spec.problems import SpecError, SpecProblem, shortened, shown
from sweeps.spec.settings import Settings, written
from sweeps.spec.strictly import strictly
from sweeps.spec.tree import Mark
from trainers.config import TrialConfig


@lru_cache(maxsize=1)
def trial_settings() -> Settings:
    """The settings of this version's trial configs."""
    return Settings(TrialConfig)


def parse_spec(source: str | bytes | Mapping[str, Any], limits: Limits = DEFAULT_LIMITS) -> SweepSpec:
    """The spec in YAML text, JSON text or a mapping; raises `SpecError` with everything that is wrong.

    A spec that parses may still be too large, or need data that is not here: the plan says so.
    """
    document = read_document(source, limits)
    spec, issues = strictly(SweepSpec, document.tree)
    problems = [
        SpecProblem(written(issue.path), shown(issue.value), issue.expected, issue.nearest)
        for issue in issues
    ]
    problems += trial_problems(document.tree, trial_settings(), limits)
    if spec is None or problems:
        located = [_located(problem, document.marks) for problem in problems]
        raise SpecError(
            shortened(sorted(located, key=lambda problem: (problem.line or 0, problem.column or 0)))
        )
    return spec


def composer_of(spec: SweepSpec) -> Composer:
    """Makes trial configs of a spec's assignments."""
    return Composer(spec.workload, spec.base, trial_settings())


def _located(problem: SpecProblem, marks: Mapping[str, Mark]) -> SpecProblem:
    """The problem with the line of the innermost part of its path that stands in the text."""
    path = problem.path
    while path and path not in marks:
        path = path[: max(path.rfind("."), path.rfind("["), 0)]
    mark = marks.get(path)
    return replace(problem, line=mark.line, column=mark.column) if mark else problem
