"""Which trials to show curves of: a few of every outcome, and the recommended setting."""

from collections.abc import Sequence

from sweeps.analysis import Analysis
from sweeps.analysis.clip_advice import advice_groups
from sweeps.ledger.base import TrialRow
from trainers.record import OUTCOMES, OutcomeName

PER_OUTCOME = 6
"""Trials of each outcome: enough to see how they spread, few enough to keep a page small."""

PER_ADVICE = 3
"""Stable, unclipped trials of each setting that clip advice is given for."""


def sample_numbers(
    trials: Sequence[TrialRow], analysis: Analysis, per_outcome: int = PER_OUTCOME
) -> tuple[int, ...]:
    """Numbers of the trials whose curves the report wants, in order; the same trials give the same sample.

    Trials of an outcome are taken evenly from its list by learning rate.
    """
    chosen: set[int] = set()
    if analysis.recommendation.best is not None:
        chosen.update(analysis.recommendation.best.trials[:per_outcome])
    for outcome in OUTCOMES:
        chosen.update(_evenly(_by_lr(trials, outcome), per_outcome))
    for group in advice_groups(trials):
        chosen.update(_evenly(_by_lr(group, "stable"), PER_ADVICE))
    return tuple(sorted(chosen))


def _by_lr(trials: Sequence[TrialRow], outcome: OutcomeName) -> list[int]:
    found = [trial for trial in trials if trial.record.verdict.outcome == outcome and outcome != "failed"]
    found.sort(key=lambda trial: (trial.config["optimizer"]["lr"], trial.number))
    return [trial.number for trial in found]


def _evenly(numbers: Sequence[int], most: int) -> list[int]:
    if len(numbers) <= most:
        return list(numbers)
    return [numbers[round(index * (len(numbers) - 1) / (most - 1))] for index in range(most)]
