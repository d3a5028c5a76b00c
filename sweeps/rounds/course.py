"""The course of an adaptive search: from results to the next trials, the same in every replay."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sweeps.plan_configs import Configurations
from sweeps.plan_packs import PlannedTrial
from sweeps.rounds.base import Answered, Ask, Result, Strand
from sweeps.spec.model import SweepSpec


@dataclass
class Progress:
    """How far one strand is: its rounds, and the trials of each that are still to be answered."""

    strand: Strand
    rounds: list[Sequence[Ask]] = field(default_factory=list)
    unanswered: list[set[int]] = field(default_factory=list)
    over: bool = False

    @property
    def num_needed(self) -> int:
        """How many rounds, from the first on, the next one has to know the results of."""
        num_rounds = len(self.rounds)
        return num_rounds if num_rounds < 2 else num_rounds - self.strand.lookahead

    @property
    def goes_on(self) -> bool:
        """Whether the next round can be asked for."""
        return not (self.over or any(self.unanswered[: self.num_needed]))


class Course:
    """The rounds of every strand of a search.

    A trial's number is (position · strands + strand) · seeds + repeat: it does not depend on when the other
    strands go on, so that a runner which reads the ledger after a kill counts as the killed one did.
    """

    def __init__(self, spec: SweepSpec, strands: Sequence[Strand], max_trials: int) -> None:
        self.max_trials = max_trials
        self._configurations = Configurations(spec)
        self._seeds = spec.seeds
        self._progress = [Progress(strand) for strand in strands]
        self._results: dict[int, Result] = {}
        self._num_asked = 0

    @property
    def num_trials(self) -> int:
        """Trials asked for so far."""
        return self._num_asked

    @property
    def finished(self) -> bool:
        """Whether every strand is over, so that nothing will be asked for any more."""
        return all(progress.over for progress in self._progress)

    def strand_of(self, trial: PlannedTrial) -> int:
        """Which strand asked for a trial."""
        return trial.config_number % len(self._progress)

    def start(self, results: Mapping[int, Result]) -> list[PlannedTrial]:
        """Every trial asked for so far, those with `results`, by number, among them."""
        self._results.update(results)
        return [trial for index in range(len(self._progress)) for trial in self._go_on(index)]

    def tell(self, results: Mapping[int, Result]) -> list[PlannedTrial]:
        """The trials that `results` of trials, by number, make it ask for next."""
        self._results.update(results)
        strands = {number // self._seeds % len(self._progress) for number in results}
        return [trial for index in sorted(strands) for trial in self._go_on(index)]

    def _go_on(self, index: int) -> list[PlannedTrial]:
        """New rounds of a strand for as long as the results that they need are there."""
        progress = self._progress[index]
        new: list[PlannedTrial] = []
        for numbers in progress.unanswered:
            numbers.difference_update(self._results)
        while progress.goes_on:
            needed = progress.num_needed
            answered = [self._answered(index, ask) for asks in progress.rounds[:needed] for ask in asks]
            pending = [ask for asks in progress.rounds[needed:] for ask in asks]
            asks = progress.strand.next_round(answered, pending)
            progress.over = not asks
            planned = [trial for ask in asks for trial in self._planned(index, ask)]
            progress.rounds.append(asks)
            progress.unanswered.append({trial.number for trial in planned} - self._results.keys())
            new += planned
        self._num_asked += len(new)
        return new

    def _answered(self, index: int, ask: Ask) -> Answered:
        numbers = (self._config_number(index, ask) * self._seeds + repeat for repeat in ask.repeats)
        return Answered(ask, tuple(self._results[number] for number in numbers))

    def _planned(self, index: int, ask: Ask) -> list[PlannedTrial]:
        configuration = self._configurations.made_of(ask.assignment)
        number = self._config_number(index, ask)
        return [self._configurations.trial(configuration, number, repeat) for repeat in ask.repeats]

    def _config_number(self, index: int, ask: Ask) -> int:
        return ask.position * len(self._progress) + index
