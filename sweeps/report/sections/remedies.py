"""The section on what each remedy bought, and where a clip threshold would act."""

from markupsafe import Markup

from sweeps.analysis import number_label
from sweeps.analysis.clip_advice import ClipAdvice, advise_clip
from sweeps.analysis.labels import percent
from sweeps.analysis.remedies import Remedy
from sweeps.report.markup import el, join, table
from sweeps.report.sections.base import ReportData, Section

HEAD = (
    "remedy",
    "instead of",
    "edge moved#",
    "95 % interval#",
    "between settings#",
    "settings#",
    "best objective#",
)


def remedies(data: ReportData) -> Section | None:
    """How far each value of an axis moved the edge against its baseline, and what that cost."""
    found = data.analysis.remedies
    if not found:
        return None
    lead = (
        "Cells that differ in nothing else, compared: how far the edge moved, and what became of the best "
        "objective. An interval that includes 1× may mean no move at all."
    )
    sentences = el("ul", *(el("li", remedy.text()) for remedy in found))
    details = el("details", el("summary", "As sentences"), sentences)
    return Section(
        "remedies", "What each remedy bought", lead, join([table(HEAD, map(_row, found)), details])
    )


def clip_advice(data: ReportData) -> Section | None:
    """Thresholds from the gradient norms of stable, unclipped runs among the sampled trials."""
    found = data.analysis.clip_advice or advise_clip(data.trials, data.curves)
    if not found:
        return None
    shares = [threshold.share for threshold in found[0].thresholds]
    head = ("setting", *(f"acts in {percent(share)} of windows#" for share in shares), "trials#", "windows#")
    lead = (
        "Global-norm thresholds from the gradient norms of stable runs without clipping, by how often they "
        "would have acted in a report window; in brackets the range over single runs, which differ in "
        "learning rate."
    )
    return Section(
        "clip-advice", "Where a clip threshold would act", lead, table(head, map(_advice_row, found))
    )


def _row(found: Remedy) -> tuple[str | Markup, ...]:
    move, spread, price = "–", "–", "–"
    if found.ratio is not None:
        move = f"{number_label(found.ratio)}×"
        if not found.is_clear:
            move += " (unclear)"
    if found.smallest is not None and found.largest is not None:
        spread = f"{number_label(found.smallest)}× to {number_label(found.largest)}×"
    if found.objective_ratio is not None:
        price = _change(found.objective_ratio)
    settings = f"{found.num_estimates}" + (f" + {found.num_bounds} beyond" if found.num_bounds else "")
    interval = "–" if found.ratio is None else found.interval.label()
    return (f"{found.axis}={found.value}", found.baseline, move, interval, spread, settings, price)


def _change(ratio: float) -> str:
    """A ratio as a change in percent where it is small, as a factor where it is not."""
    if 0.5 <= ratio <= 2:
        percent = number_label(100 * abs(ratio - 1))
        return f"{'+' if ratio >= 1 else '−'}{percent} %"
    return f"{number_label(ratio)}×"


def _advice_row(found: ClipAdvice) -> tuple[str, ...]:
    thresholds = [
        f"{number_label(t.value)} ({number_label(t.smallest)} to {number_label(t.largest)})"
        for t in found.thresholds
    ]
    return (found.label, *thresholds, str(found.num_trials), str(found.num_windows))
