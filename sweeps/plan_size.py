"""Whether a plan fits: its steps, its models, and the data that they need."""

from collections.abc import Iterator, Mapping, Sequence

from sweeps.limits import Limits
from sweeps.plan_configs import Configuration
from sweeps.plan_packs import PlannedTrial
from sweeps.plan_workload import WorkloadFacts, workload_facts
from sweeps.spec.blame import setter_of, shared_path
from sweeps.spec.fields import Segments
from sweeps.spec.model import SweepSpec
from sweeps.spec.problems import SpecError, SpecProblem, shortened
from trainers.errors import ConfigError
from trainers.layer_rates import unfit_names


def check_size(
    spec: SweepSpec, configurations: Sequence[Configuration], limits: Limits
) -> dict[str, WorkloadFacts]:
    """Facts of every workload by its JSON; raises `SpecError` with everything that does not fit."""
    firsts: dict[str, Configuration] = {}
    for entry in configurations:
        firsts.setdefault(entry.config.workload.model_dump_json(), entry)
    answers = {key: _facts(entry, limits) for key, entry in firsts.items()}
    found = [*_step_problems(spec, configurations, limits)]
    found += [answer for answer in answers.values() if isinstance(answer, SpecProblem)]
    facts = {key: answer for key, answer in answers.items() if isinstance(answer, WorkloadFacts)}
    found += _layer_problems(configurations, facts)
    found += _regulariser_problems(configurations, facts)
    if found:
        raise SpecError(
            shortened(list({(problem.path, problem.expected): problem for problem in found}.values()))
        )
    return facts


def check_total_steps(
    spec: SweepSpec, trials: Sequence[PlannedTrial], max_trials: int, limits: Limits
) -> None:
    """Raises `SpecError` when a search of up to `max_trials` trials like `trials` may take too many steps."""
    total = max_trials * max(trial.config.steps for trial in trials)
    if total > limits.max_trial_steps:
        found = f"up to {total:,} steps in up to {max_trials:,} trials"
        expected = f"at most {limits.max_trial_steps:,} steps in all; lower `steps`, or take fewer trials"
        raise SpecError([SpecProblem("search", found, expected)])


def _facts(entry: Configuration, limits: Limits) -> WorkloadFacts | SpecProblem:
    """What is known of a configuration's workload, or why it cannot be trained."""
    workload = entry.config.workload
    missing = workload.data.missing()
    if missing:
        expected = f"data that is on this machine: {missing}"
        return _problem(entry, ("workload", "data"), workload.data.kind, expected)
    try:
        facts = workload_facts(workload)
    except ConfigError as error:
        return _problem(entry, ("workload", "model"), workload.model.kind, str(error))
    if facts.num_parameters > limits.max_parameters:
        expected = f"at most {limits.max_parameters:,} parameters in a model; make layers narrower or fewer"
        return _problem(entry, ("workload", "model"), f"{facts.num_parameters:,} parameters", expected)
    return facts


def _layer_problems(
    configurations: Sequence[Configuration], facts: Mapping[str, WorkloadFacts]
) -> Iterator[SpecProblem]:
    """Names in `layer_lr` that the model has no layer for."""
    seen: set[tuple[str, ...]] = set()
    for entry in (entry for entry in configurations if entry.config.layer_lr):
        workload = entry.config.workload.model_dump_json()
        key = (workload, *entry.config.layer_lr)
        if workload not in facts or key in seen:
            continue
        seen.add(key)
        for unfit in unfit_names(entry.config.layer_lr, facts[workload].layers):
            path: Segments = ("layer_lr", unfit.name)
            setter = setter_of(path, entry.axes)
            place = f"axes.{setter}" if setter else shared_path(path)
            yield SpecProblem(place, unfit.name, unfit.expected, unfit.nearest)


def _regulariser_problems(
    configurations: Sequence[Configuration], facts: Mapping[str, WorkloadFacts]
) -> Iterator[SpecProblem]:
    """Regularisers that the data are not made for."""
    for entry in (entry for entry in configurations if entry.config.regularisers):
        workload = entry.config.workload
        if workload.model_dump_json() not in facts:
            continue
        for index, regulariser in enumerate(entry.config.regularisers):
            reason = regulariser.unfit(workload.data.shape())
            if reason is not None:
                expected = f"other regularisers or data: {reason}"
                yield _problem(entry, ("regularisers", index), regulariser.kind, expected)


def _step_problems(
    spec: SweepSpec, configurations: Sequence[Configuration], limits: Limits
) -> Iterator[SpecProblem]:
    longest = max(configurations, key=lambda entry: entry.config.steps)
    if longest.config.steps > limits.max_steps:
        expected = f"at most {limits.max_steps:,} steps a trial; lower `steps`"
        yield _problem(longest, ("steps",), longest.config.steps, expected)
    total = spec.seeds * sum(entry.config.steps for entry in configurations)
    if total > limits.max_trial_steps:
        found = f"{total:,} steps in {spec.seeds * len(configurations):,} trials"
        expected = f"at most {limits.max_trial_steps:,} steps in all; lower `steps` or take fewer trials"
        yield _problem(longest, ("steps",), found, expected)


def _problem(entry: Configuration, path: Segments, found: object, expected: str) -> SpecProblem:
    setter = setter_of(path, entry.axes) or next(
        (axis for axis in entry.axes if axis.startswith(".".join(map(str, path)) + ".")), None
    )
    return SpecProblem(f"axes.{setter}" if setter else shared_path(path), found, expected)
