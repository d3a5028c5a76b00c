"""The one sentence that stands first."""

from sweeps.analysis import Analysis, number_label
from sweeps.analysis.labels import count


def headline(analysis: Analysis) -> str:
    """What the sweep found, in one sentence made of numbers."""
    best = analysis.recommendation.best
    if best is None:
        return analysis.recommendation.reasons[0]
    margin = ""
    if best.margin is not None:
        margin = f", {best.yardstick.place(best.margin, is_open=best.is_margin_open)}"
    return (
        f"Use {best.name}: {analysis.recommendation.metric} {number_label(best.objective or 0.0)}, "
        f"stable in {best.num_stable} of {count(best.num_trials, 'seed')}{margin}."
    )
