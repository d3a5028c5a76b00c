"""The last sections: what failed, what was asked for, and how the numbers were made."""

import yaml

from sweeps.analysis.method import METHOD
from sweeps.report.markup import el, join, table
from sweeps.report.sections.base import ReportData, Section


def failures(data: ReportData) -> Section | None:
    """Trials that ended by broken code or machines."""
    totals = data.analysis.totals
    if not totals.num_failed:
        return None
    rows = [(failure.message, str(failure.count), _numbers(failure.trials)) for failure in totals.failures]
    lead = f"{totals.num_failed} trials failed and are left out of every number above."
    return Section("failed", "Failed trials", lead, table(("error", "trials#", "numbers"), rows, "wrap"))


def spec(data: ReportData) -> Section:
    """The spec as YAML, with every default written out."""
    text = yaml.safe_dump(
        data.sweep.spec, sort_keys=False, allow_unicode=True, default_flow_style=None, width=100
    )
    lead = "The whole spec; with it the sweep can be run again."
    return Section("spec", "Spec", lead, el("pre", text))


def method(data: ReportData) -> Section:
    """What the words mean and how the numbers were made."""
    notes = [join([el("dt", name), el("dd", words)]) for name, words in METHOD.items()]
    return Section("method", "How to read this", "", el("dl", *notes))


def _numbers(trials: tuple[int, ...]) -> str:
    shown = ", ".join(str(number) for number in trials[:8])
    return shown + (", …" if len(trials) > 8 else "")
