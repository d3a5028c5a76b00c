"""A search whose next configurations one of Optuna's samplers chooses, told everything anew each time."""

import json
from collections.abc import Iterable, Sequence

import optuna
from optuna.samplers import BaseSampler, GPSampler, TPESampler
from optuna.trial import FrozenTrial, TrialState, create_trial

from sweeps.rounds.base import Answered, Ask, Earlier, Strand
from sweeps.rounds.optuna_space import OptunaSpace
from sweeps.rounds.told import Told, told_of, with_clearances
from sweeps.search import Assignment, GpSearch, ModelSearch, Space
from sweeps.spec.model import SweepSpec
from trainers.seeds import derive_seed

ATTEMPTS = 4
"""Suggestions per configuration wanted, after which a space is taken for exhausted."""


class ModelStrand(Strand):
    """The rounds of a model: evenly spread configurations, then `batch` at a time.

    A study is made anew for every round, told everything in the order of asking, and asked with a seed of the
    round. So a round depends on results alone, and not on when they came. While one batch is trained the next
    is chosen without its results, as the samplers are made for.
    """

    lookahead = 1

    def __init__(self, space: Space, spec: SweepSpec, search: ModelSearch, earlier: Earlier = ()) -> None:
        self._space = space
        self._search = search
        self._seed = spec.seed
        self._repeats = tuple(range(spec.seeds))
        self._mode = spec.objective.mode
        self._params = OptunaSpace(space, is_flat=isinstance(search, GpSearch))
        self._earlier = list(earlier)

    def next_round(self, answered: Sequence[Answered], pending: Sequence[Ask]) -> Sequence[Ask]:
        """See the class."""
        first = len(answered) + len(pending)
        seen = {_key(ask.assignment) for ask in [*(entry.ask for entry in answered), *pending]}
        if not first and not self._earlier:
            chosen = _new(self._search.draw(self._space, self._seed), seen)
        else:
            results = [(entry.ask.assignment, entry.results) for entry in answered]
            num_wanted = min(self._search.batch, self._search.trials - first)
            told = told_of([*self._earlier, *results], self._mode)
            if self._search.wants_clearance:
                told = with_clearances(told, self._space.axes)
            chosen = self._suggested(told, pending, seen, num_wanted)
        return [Ask(first + index, assignment, self._repeats) for index, assignment in enumerate(chosen)]

    def _suggested(
        self, told: Sequence[Told], pending: Sequence[Ask], seen: set[str], num_wanted: int
    ) -> list[Assignment]:
        """Configurations that the sampler wants to see and that were not tried."""
        if num_wanted <= 0:
            return []
        optuna.logging.set_verbosity(optuna.logging.ERROR)
        study = optuna.create_study(
            sampler=self._sampler(len(seen)), directions=["minimize"] * len(self._search.objectives)
        )
        study.add_trials([self._trial(entry) for entry in told])
        study.add_trials([self._running(ask.assignment) for ask in pending])
        chosen: list[Assignment] = []
        for _ in range(ATTEMPTS * num_wanted):
            # Left running: the sampler keeps away from what is being tried.
            chosen += _new([self._params.suggest(study.ask())], seen)
            if len(chosen) == num_wanted:
                break
        return chosen

    def _sampler(self, num_seen: int) -> BaseSampler:
        seed = derive_seed(self._seed, self._search.kind, num_seen) % 2**32
        startup = min(self._search.startup, 10)
        if isinstance(self._search, GpSearch):
            return GPSampler(seed=seed, n_startup_trials=startup, warn_independent_sampling=False)
        return TPESampler(seed=seed, n_startup_trials=startup)

    def _running(self, assignment: Assignment) -> FrozenTrial:
        params = self._params.params(assignment)
        return create_trial(
            state=TrialState.RUNNING, params=params, distributions=self._params.distributions_of(params)
        )

    def _trial(self, told: Told) -> FrozenTrial:
        params = self._params.params(told.assignment)
        # Neither a GP nor more than one objective knows what pruned means.
        is_pruned = (
            told.is_partial and not self._search.wants_clearance and not isinstance(self._search, GpSearch)
        )
        return create_trial(
            state=TrialState.PRUNED if is_pruned else TrialState.COMPLETE,
            values=told.values,
            params=params,
            distributions=self._params.distributions_of(params),
            intermediate_values={0: told.value} if is_pruned else None,
            constraints={"unstable": told.infeasibility},
        )


def _new(assignments: Iterable[Assignment], seen: set[str]) -> list[Assignment]:
    """Those that were not seen before; now they are."""
    fresh = []
    for assignment in assignments:
        key = _key(assignment)
        if key not in seen:
            seen.add(key)
            fresh.append(assignment)
    return fresh


def _key(assignment: Assignment) -> str:
    return json.dumps(assignment, sort_keys=True)
