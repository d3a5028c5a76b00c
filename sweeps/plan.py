"""The plan: every trial of a sweep, decided before the first one runs."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sweeps.limits import DEFAULT_LIMITS, Limits
from sweeps.plan_configs import Configuration, expand
from sweeps.plan_cost import PACK_SECONDS, START_SECONDS, trial_cost
from sweeps.plan_packs import Group, PlannedPack, PlannedTrial, make_packs
from sweeps.plan_size import check_size
from sweeps.plan_summary import ModelSize, PlanSummary, cell_key, warnings_of
from sweeps.plan_workload import WorkloadFacts
from sweeps.spec.model import SweepSpec
from trainers.seeds import derive_seed
from trainers.signature import static_signature

__all__ = ["Plan", "PlannedPack", "PlannedTrial", "cell_key", "make_plan"]


@dataclass(frozen=True)
class Plan:
    """All trials of a sweep. The same spec gives the same plan, byte for byte.

    `workloads` holds the facts of each workload by its JSON; `num_duplicates` counts configurations that the
    search gave again, and that were left out.
    """

    spec: SweepSpec
    trials: tuple[PlannedTrial, ...]
    num_configurations: int
    num_duplicates: int
    workloads: Mapping[str, WorkloadFacts]

    def packs(self, workers: int) -> tuple[PlannedPack, ...]:
        """The trials in packs for so many workers, in the order to hand them out."""
        return make_packs(self._groups, workers, self.spec.resources.pack, self.spec.seed)

    def summary(self, workers: int | None = None) -> PlanSummary:
        """The plan in numbers, for `workers` or as many as the spec, or else this machine, gives it."""
        workers = workers or self._workers
        firsts = [Configuration(trial.config, trial.axes) for trial in self.trials if trial.repeat == 0]
        packs = self.packs(workers)
        train_seconds = sum(group.seconds for group in self._groups) / min(workers, len(packs))
        facts = tuple(self.workloads.values())
        return PlanSummary(
            num_trials=len(self.trials),
            num_configurations=self.num_configurations,
            num_duplicates=self.num_duplicates,
            num_cells=len({cell_key(entry.config) for entry in firsts}),
            num_packs=len(packs),
            num_workers=workers,
            num_trial_steps=sum(trial.config.steps for trial in self.trials),
            models=tuple(ModelSize(fact.label, fact.num_parameters) for fact in facts),
            estimated_seconds=round(START_SECONDS + PACK_SECONDS * len(packs) / workers + train_seconds, 1),
            warnings=warnings_of(self.spec, firsts, facts, self.num_duplicates),
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
        """Trials by static signature, in the order of their first trial."""
        groups: dict[str, Group] = {}
        signature = ""
        for trial in self.trials:
            if trial.repeat == 0:
                signature = static_signature(trial.config)
            if signature not in groups:
                facts = self.workloads[trial.config.workload.model_dump_json()]
                groups[signature] = Group(signature, trial_cost(trial.config, facts))
            groups[signature].trials.append(trial)
        return list(groups.values())


def make_plan(spec: SweepSpec, limits: Limits = DEFAULT_LIMITS) -> Plan:
    """Every trial of `spec`; raises `SpecError` when it is too large, or needs data that is not here."""
    expansion = expand(spec, limits)
    workloads = check_size(spec, expansion.configurations, limits)
    trials = tuple(
        _trial(spec, entry, config_number, repeat)
        for config_number, entry in enumerate(expansion.configurations)
        for repeat in range(spec.seeds)
    )
    return Plan(spec, trials, len(expansion.configurations), expansion.num_duplicates, workloads)


def _trial(spec: SweepSpec, entry: Configuration, config_number: int, repeat: int) -> PlannedTrial:
    number = config_number * spec.seeds + repeat
    seed = derive_seed(spec.seed, "trial", repeat if spec.shared_seeds else number)
    return PlannedTrial(
        number, config_number, repeat, entry.config.model_copy(update={"seed": seed}), entry.axes
    )


def _trial_json(trial: PlannedTrial) -> dict[str, Any]:
    return {
        "number": trial.number,
        "config_number": trial.config_number,
        "repeat": trial.repeat,
        "axes": trial.axes,
        "config": trial.config.model_dump(mode="json"),
    }
