"""What a plan comes to, for whoever decides whether to run it."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sweeps.plan_configs import Configuration
from sweeps.plan_workload import WorkloadFacts
from sweeps.search import AdaptiveSearch, EdgeSearch
from sweeps.spec.model import SweepSpec
from trainers.config import TrialConfig

MIN_SEEDS = 3
"""Fewer repeats cannot tell a setting that sometimes fails from one that does not."""


@dataclass(frozen=True)
class ModelSize:
    """One model of the plan and its number of scalars."""

    label: str
    num_parameters: int


@dataclass(frozen=True)
class PlanSummary:
    """A plan in numbers. `estimated_seconds` is a rough estimate of the whole sweep on `num_workers`.

    An adaptive search begins with `num_trials`, usually comes to `usual_trials`, and never to more than
    `max_trials`; for any other search the three are the same. Configurations, packs and steps are those that
    are known beforehand.
    """

    num_trials: int
    usual_trials: int
    max_trials: int
    num_configurations: int
    num_duplicates: int
    num_cells: int
    num_packs: int
    num_workers: int
    num_trial_steps: int
    models: tuple[ModelSize, ...]
    estimated_seconds: float
    warnings: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """The same as plain JSON."""
        models = [asdict(model) for model in self.models]
        return {**asdict(self), "models": models, "warnings": list(self.warnings)}


def cell_key(config: TrialConfig) -> str:
    """Equal for trials of one cell: those that share everything except learning rate and seed."""
    return config.model_dump_json(exclude={"seed": True, "optimizer": {"lr"}})


def warnings_of(
    spec: SweepSpec,
    configurations: Sequence[Configuration],
    facts: Sequence[WorkloadFacts],
    num_duplicates: int,
) -> tuple[str, ...]:
    """What a user may not have meant, each as a sentence that says what to do."""
    return (
        *_about_map(spec, configurations),
        *_about_trials(configurations, facts),
        *_about_objective(spec),
        *_about_duplicates(num_duplicates),
    )


def about_rounds(spec: SweepSpec, num_trials: int, usual_trials: int, max_trials: int) -> tuple[str, ...]:
    """What the numbers of a plan leave open, when results decide what is trained next."""
    if not isinstance(spec.search, AdaptiveSearch):
        return ()
    return (
        f"Search kind {spec.search.kind} decides by what ends: {num_trials:,} trials to begin with, about "
        f"{usual_trials:,} as a rule, never more than {max_trials:,}.",
    )


def _about_map(spec: SweepSpec, configurations: Sequence[Configuration]) -> Iterator[str]:
    num_rates = len({entry.config.optimizer.lr for entry in configurations})
    if num_rates == 1 and not isinstance(spec.search, EdgeSearch):
        yield "Every trial has the same learning rate, so there is no edge to find: add an axis optimizer.lr."
    if spec.seeds < MIN_SEEDS:
        yield (
            f"With seeds: {spec.seeds}, P(stable) can only be seen coarsely: {MIN_SEEDS} or more show which "
            "settings fail sometimes."
        )


def _about_trials(configurations: Sequence[Configuration], facts: Sequence[WorkloadFacts]) -> Iterator[str]:
    kinds = (kind for entry in configurations for kind in _kinds(entry.config))
    for name, caution in dict.fromkeys((kind.kind, kind.caution) for kind in kinds if kind.caution):
        yield f"{name}: {caution}."
    batches = [entry.config.batch_size for entry in configurations if entry.config.batch_size != "full"]
    fewest = min((fact.num_examples for fact in facts), default=0)
    if batches and max(batches) > fewest:
        yield f"A batch of {max(batches)} is more than the {fewest} examples there are: use batch_size: full."


def _kinds(config: TrialConfig) -> tuple[Any, ...]:
    """Every kind that a trial config names."""
    return (
        config.workload.data,
        config.workload.model,
        config.optimizer,
        config.clip,
        config.init,
        config.schedule,
        *config.gradient,
        *config.regularisers,
    )


def _about_objective(spec: SweepSpec) -> Iterator[str]:
    metric, mode = spec.objective.metric, spec.objective.mode
    wanted = "min" if metric.endswith("loss") else "max"
    if mode != wanted:
        yield f"The objective looks for the {mode} of {metric}; {wanted} is what is usually meant."


def _about_duplicates(num_duplicates: int) -> Iterator[str]:
    if num_duplicates:
        yield f"{num_duplicates} configurations were the same as an earlier one and were left out."
