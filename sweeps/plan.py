"""The plan: every trial of a sweep, decided before the first one runs, or its first round."""

import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sweeps.limits import DEFAULT_LIMITS, Limits
from sweeps.plan_configs import Configuration, Configurations, expand
from sweeps.plan_cost import PACK_SECONDS, START_SECONDS, trial_cost
from sweeps.plan_packs import Group, PlannedPack, PlannedTrial, make_packs, round_packs
from sweeps.plan_size import check_size, check_total_steps
from sweeps.plan_summary import ModelSize, PlanSummary, about_rounds, cell_key, warnings_of
from sweeps.plan_workload import WorkloadFacts, workload_facts
from sweeps.rounds import Course, Earlier, make_course
from sweeps.search import AdaptiveSearch
from sweeps.spec.model import SweepSpec
from trainers.signature import static_signature

__all__ = ["Plan", "PlannedPack", "PlannedTrial", "cell_key", "make_plan"]


@dataclass(frozen=True)
class Plan:
    """All trials of a sweep. The same spec gives the same plan, byte for byte.

    `workloads` holds the facts of each workload by its JSON; `num_duplicates` counts configurations that the
    search gave again, and that were left out. An adaptive search has its first round in `trials`, how many
    they usually become in `usual_trials`, and the most in `max_trials`; `course` goes on with it.
    """

    spec: SweepSpec
    trials: tuple[PlannedTrial, ...]
    num_configurations: int
    num_duplicates: int
    workloads: Mapping[str, WorkloadFacts]
    usual_trials: int
    max_trials: int

    @property
    def is_adaptive(self) -> bool:
        """Whether what ends decides what is trained next."""
        return isinstance(self.spec.search, AdaptiveSearch)

    def course(self, earlier: Earlier = ()) -> Course:
        """The rounds of an adaptive search, from the first one on; `earlier` is what it was told before."""
        return make_course(self.spec, earlier).course

    def round_packs(
        self, trials: Sequence[PlannedTrial], num_packs: int, unit_of: Callable[[PlannedTrial], int]
    ) -> list[tuple[str, tuple[PlannedTrial, ...]]]:
        """Packs of some trials of an adaptive search; those of one unit stay together where they can."""
        groups = self._grouped(trials)
        return list(round_packs(groups, num_packs, self.spec.resources.pack, unit_of))

    def packs(self, workers: int) -> tuple[PlannedPack, ...]:
        """The trials in packs for so many workers, in the order to hand them out."""
        return make_packs(self._groups, workers, self.spec.resources.pack, self.spec.seed)

    def summary(self, workers: int | None = None) -> PlanSummary:
        """The plan in numbers, for `workers` or as many as the spec, or else this machine, gives it."""
        workers = workers or self._workers
        firsts = [Configuration(trial.config, trial.axes) for trial in self.trials if trial.repeat == 0]
        packs = self.packs(workers)
        growth = self.usual_trials / len(self.trials)
        pack_seconds = growth * PACK_SECONDS * len(packs) / workers
        train_seconds = growth * sum(group.seconds for group in self._groups) / min(workers, len(packs))
        facts = tuple(self.workloads.values())
        return PlanSummary(
            num_trials=len(self.trials),
            usual_trials=self.usual_trials,
            max_trials=self.max_trials,
            num_configurations=self.num_configurations,
            num_duplicates=self.num_duplicates,
            num_cells=len({cell_key(entry.config) for entry in firsts}),
            num_packs=len(packs),
            num_workers=workers,
            num_trial_steps=sum(trial.config.steps for trial in self.trials),
            models=tuple(ModelSize(fact.label, fact.num_parameters) for fact in facts),
            estimated_seconds=round(START_SECONDS + pack_seconds + train_seconds, 1),
            warnings=(
                *warnings_of(self.spec, firsts, facts, self.num_duplicates),
                *about_rounds(self.spec, len(self.trials), self.usual_trials, self.max_trials),
            ),
        )

    def to_json(self) -> str:
        """The whole plan as one line of JSON."""
        plan = {
            "spec": self.spec.canonical(),
            "num_configurations": self.num_configurations,
            "num_duplicates": self.num_duplicates,
            "trials": [_trial_json(trial) for trial in self.trials],
        }
        return json.dumps(plan, sort_keys=True, separators=(",", ":"), allow_nan=False)

    @property
    def _workers(self) -> int:
        workers = self.spec.resources.workers
        return workers if workers != "auto" else os.cpu_count() or 1

    @cached_property
    def _groups(self) -> list[Group]:
        return self._grouped(self.trials)

    def _grouped(self, trials: Sequence[PlannedTrial]) -> list[Group]:
        """Trials by static signature, in the order of their first trial."""
        groups: dict[str, Group] = {}
        signature, config_number = "", -1
        for trial in trials:
            if trial.config_number != config_number:
                signature, config_number = static_signature(trial.config), trial.config_number
            if signature not in groups:
                groups[signature] = Group(signature, trial_cost(trial.config, self._facts(trial)))
            groups[signature].trials.append(trial)
        return list(groups.values())

    def _facts(self, trial: PlannedTrial) -> WorkloadFacts:
        """A later round may have a workload that the first one did not."""
        known = self.workloads.get(trial.config.workload.model_dump_json())
        return known or workload_facts(trial.config.workload)


def make_plan(spec: SweepSpec, limits: Limits = DEFAULT_LIMITS) -> Plan:
    """Every trial of `spec`; raises `SpecError` when it is too large, or needs data that is not here."""
    expansion = expand(spec, limits)
    workloads = check_size(spec, expansion.configurations, limits)
    if isinstance(spec.search, AdaptiveSearch):
        return _adaptive_plan(spec, workloads, limits)
    configurations = Configurations(spec)
    trials = tuple(
        configurations.trial(entry, config_number, repeat)
        for config_number, entry in enumerate(expansion.configurations)
        for repeat in range(spec.seeds)
    )
    num = len(trials)
    return Plan(spec, trials, len(expansion.configurations), expansion.num_duplicates, workloads, num, num)


def _adaptive_plan(spec: SweepSpec, workloads: Mapping[str, WorkloadFacts], limits: Limits) -> Plan:
    made = make_course(spec)
    trials = tuple(made.course.start({}))
    check_total_steps(spec, trials, made.course.max_trials, limits)
    num_configurations = len({trial.config_number for trial in trials})
    return Plan(
        spec,
        trials,
        num_configurations,
        made.num_duplicates,
        workloads,
        made.usual_trials,
        made.course.max_trials,
    )


def _trial_json(trial: PlannedTrial) -> dict[str, Any]:
    return {
        "number": trial.number,
        "config_number": trial.config_number,
        "repeat": trial.repeat,
        "axes": trial.axes,
        "config": trial.config.model_dump(mode="json"),
    }
