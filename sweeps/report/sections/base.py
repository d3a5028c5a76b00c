"""A section of the report, and what every section may look at."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from sweeps.analysis import Analysis
from sweeps.ledger.base import Sweep, TrialRow
from trainers.record import Curves


@dataclass(frozen=True)
class Section:
    """One section: an anchor, a title, a sentence of what was found, and its body."""

    id: str
    title: str
    lead: str
    body: Markup


@dataclass(frozen=True)
class ReportData:
    """A sweep with its analysis, and the curves of a sample of its trials by number."""

    sweep: Sweep
    analysis: Analysis
    trials: Sequence[TrialRow]
    curves: Mapping[int, Curves]


def onset(row: TrialRow) -> int | None:
    """The step at which a trial broke; None where the evidence's step is only where the run was judged."""
    verdict = row.record.verdict
    broke = verdict.outcome == "exploded" or verdict.evidence.rule == "loss far above its start"
    return verdict.evidence.step if broke else None
