"""From a spec to its configurations: each valid, each once."""

from dataclasses import dataclass

from sweeps.limits import Limits
from sweeps.search import Assignment, Space
from sweeps.spec.blame import blame
from sweeps.spec.model import SweepSpec
from sweeps.spec.parse import composer_of, trial_settings
from sweeps.spec.problems import MAX_PROBLEMS, SpecError, SpecProblem, shortened
from sweeps.spec.strictly import strictly
from trainers.config import TrialConfig


@dataclass(frozen=True)
class Configuration:
    """A trial config without its own seed, and what the spec's axes set in it."""

    config: TrialConfig
    axes: Assignment


@dataclass(frozen=True)
class Expansion:
    """The configurations of a spec, and how many more were the same as an earlier one."""

    configurations: tuple[Configuration, ...]
    num_duplicates: int


def expand(spec: SweepSpec, limits: Limits) -> Expansion:
    """Every configuration of the spec in the search's order; raises `SpecError` when there are too many.

    Two configurations are the same when their trial configs are, however the axes wrote them.
    """
    composer = composer_of(spec)
    space = Space(spec.axes, composer.setting)
    _check_count(spec, spec.search.count(space, limits.max_trials // spec.seeds), limits)
    unique: dict[str, Configuration] = {}
    problems: dict[tuple[str, str], SpecProblem] = {}
    num_drawn = 0
    for assignment in spec.search.draw(space, spec.seed):
        num_drawn += 1
        config, issues = strictly(TrialConfig, composer.compose(assignment))
        if config is not None:
            unique.setdefault(config.model_dump_json(), Configuration(config, assignment))
        if len(problems) > MAX_PROBLEMS:
            break
        for issue in issues:
            problem = blame(issue, assignment, spec.axes, trial_settings())
            problems.setdefault((problem.path, problem.expected), problem)
    if problems:
        raise SpecError(shortened(list(problems.values())))
    return Expansion(tuple(unique.values()), num_drawn - len(unique))


def _check_count(spec: SweepSpec, num_configurations: int, limits: Limits) -> None:
    num_trials = num_configurations * spec.seeds
    if num_trials <= limits.max_trials:
        return
    way_down = (
        "take fewer points or axes, or search kind random with `trials: n`"
        if spec.search.kind == "grid"
        else "lower `search.trials`"
    )
    expected = f"at most {limits.max_trials:,} trials; {way_down}, or fewer `seeds`"
    found = f"{num_trials:,} trials = {num_configurations:,} configurations × {spec.seeds:,} seeds"
    raise SpecError([SpecProblem("axes" if spec.search.kind == "grid" else "search.trials", found, expected)])
