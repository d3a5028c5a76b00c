"""The section with the recommendation, its reasons and the runner-up."""

from sweeps.analysis import Candidate, Recommendation, number_label
from sweeps.report.markup import el, join, table
from sweeps.report.sections.base import ReportData, Section

HEAD = ("", "setting", "objective#", "over seeds#", "stable#", "95 % interval#", "margin to edge#")


def advice(data: ReportData) -> Section:
    """What to use and why, or why there is nothing to recommend."""
    found = data.analysis.recommendation
    named = (("pick", found.best), ("runner-up", found.runner_up), ("nearest", found.nearest))
    rows = [_row(name, candidate) for name, candidate in named if candidate is not None]
    sentences = [el("p", sentence) for sentence in found.reasons]
    body = [*sentences, table(HEAD, rows)] if rows else sentences
    return Section("recommendation", "Recommendation", _lead(found), join(body))


def _lead(found: Recommendation) -> str:
    best = "lowest" if found.mode == "min" else "highest"
    return (
        f"Asked for: the {best} {found.metric} among settings with P(stable) ≥ "
        f"{number_label(found.required_p_stable)} and {found.yardstick.requirement(found.required_margin)}."
    )


def _row(name: str, found: Candidate) -> tuple[str, ...]:
    lo, hi, objective = found.objective_lo, found.objective_hi, found.objective
    is_alone = found.num_trials < 2
    spread = "–" if is_alone or lo is None or hi is None else f"{number_label(lo)} to {number_label(hi)}"
    margin = "–"
    if found.margin is not None:
        margin = f"{'≥ ' * found.is_margin_open}{found.yardstick.amount(found.margin)}"
    return (
        name, found.name, "–" if objective is None else number_label(objective), spread,
        f"{found.num_stable}/{found.num_trials}", found.interval.label(), margin,
    )  # fmt: skip
