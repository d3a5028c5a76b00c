"""From a spec to its configurations: each valid, each once."""

from collections.abc import Iterable
from dataclasses import dataclass

from sweeps.limits import Limits
from sweeps.plan_packs import PlannedTrial
from sweeps.search import Assignment, Space
from sweeps.spec.blame import blame
from sweeps.spec.model import SweepSpec
from sweeps.spec.parse import composer_of, trial_settings
from sweeps.spec.problems import MAX_PROBLEMS, SpecError, SpecProblem, shortened
from sweeps.spec.strictly import strictly
from trainers.config import TrialConfig
from trainers.seeds import derive_seed


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
    configurations = Configurations(spec)
    space = configurations.space
    _check_count(spec, spec.search.count(space, limits.max_trials // spec.seeds), limits)
    return configurations.made_of_all(spec.search.draw(space, spec.seed))


class Configurations:
    """Makes configurations, and trials, of what the axes of a spec set."""

    def __init__(self, spec: SweepSpec) -> None:
        self._spec = spec
        self._composer = composer_of(spec)
        self.space = Space(spec.axes, self._composer.setting)

    def made_of_all(self, assignments: Iterable[Assignment]) -> Expansion:
        """The configuration of each assignment, once; raises `SpecError` with everything that is wrong."""
        unique: dict[str, Configuration] = {}
        problems: dict[tuple[str, str], SpecProblem] = {}
        num_drawn = 0
        for assignment in assignments:
            num_drawn += 1
            config, issues = strictly(TrialConfig, self._composer.compose(assignment))
            if config is not None:
                unique.setdefault(config.model_dump_json(), Configuration(config, assignment))
            if len(problems) > MAX_PROBLEMS:
                break
            for issue in issues:
                problem = blame(issue, assignment, self._spec.axes, trial_settings())
                problems.setdefault((problem.path, problem.expected), problem)
        if problems:
            raise SpecError(shortened(list(problems.values())))
        return Expansion(tuple(unique.values()), num_drawn - len(unique))

    def made_of(self, assignment: Assignment) -> Configuration:
        """The configuration of one assignment; raises `SpecError`."""
        return self.made_of_all([assignment]).configurations[0]

    def trial(self, entry: Configuration, config_number: int, repeat: int) -> PlannedTrial:
        """One trial of a configuration, with its seed."""
        number = config_number * self._spec.seeds + repeat
        seed = derive_seed(self._spec.seed, "trial", repeat if self._spec.shared_seeds else number)
        config = entry.config.model_copy(update={"seed": seed})
        return PlannedTrial(number, config_number, repeat, config, entry.axes)


def _check_count(spec: SweepSpec, num_configurations: int, limits: Limits) -> None:
    num_trials = num_configurations * spec.seeds
    if num_trials <= limits.max_trials:
        return
    place, way_down = {
        "grid": ("axes", "take fewer points or axes, or search kind random with `trials: n`"),
        "edge": ("search", "take fewer cells, or a coarser `search.resolution`"),
    }.get(spec.search.kind, ("search.trials", "lower `search.trials`"))
    expected = f"at most {limits.max_trials:,} trials; {way_down}, or fewer `seeds`"
    found = f"{num_trials:,} trials = {num_configurations:,} configurations × {spec.seeds:,} seeds"
    raise SpecError([SpecProblem(place, found, expected)])
