"""The sentences of a recommendation, made from its numbers."""

from typing import TYPE_CHECKING

from sweeps.analysis.labels import count, number_label
from sweeps.analysis.observation import LR_PATH
from sweeps.analysis.yardstick import LR_YARDSTICK

if TYPE_CHECKING:
    from sweeps.analysis.recommendation import Recommendation


def reasons(found: "Recommendation") -> tuple[str, ...]:
    """What to use and why, or why nothing can be recommended and what came nearest."""
    return _found(found) if found.best is not None else _not_found(found)


def _found(found: "Recommendation") -> tuple[str, ...]:
    assert found.best is not None
    sentences = [
        f"Use {found.best.name}: {found.best.describe(found.metric)}.",
        f"Of {count(found.num_settings, 'setting')} tried, {found.num_with_margin} had P(stable) ≥ "
        f"{number_label(found.required_p_stable)} and {found.yardstick.requirement(found.required_margin)}; "
        f"this one has the best {found.metric}.",
    ]
    if found.runner_up is not None:
        close = (
            "; the seeds of the two overlap, so they may be equally good" if found.is_within_spread else ""
        )
        sentences.append(
            f"Runner-up: {found.runner_up.name}, {found.runner_up.describe(found.metric)}{close}."
        )
    return tuple(sentences)


def _not_found(found: "Recommendation") -> tuple[str, ...]:
    sentences = [f"Nothing can be recommended: {_why(found)}."]
    if found.nearest is not None:
        sentences.append(f"Nearest to it: {found.nearest.name}, {found.nearest.describe(found.metric)}.")
    return tuple(sentences)


def _why(found: "Recommendation") -> str:
    share, axis = number_label(found.required_p_stable), found.yardstick
    name, path, more = axis.label, axis.label, "values, or a finer resolution"
    if axis == LR_YARDSTICK:
        name, path, more = "learning rate", LR_PATH, "learning rates, or a finer grid"
    steady = count(found.num_stable_enough, "setting")
    return {
        "found": "",
        "nothing_ended": "no trial has ended by itself",
        "none_stable": f"none of {count(found.num_settings, 'setting')} reached P(stable) ≥ {share}",
        "no_objective": f"{steady} reached P(stable) ≥ {share}, but none has a finite {found.metric}",
        "margin_unknown": (
            f"{steady} reached P(stable) ≥ {share}, but each was tried at one {name} only, so its "
            f"distance to the edge is not known; sweep {path} over a range to learn it"
        ),
        "margin_too_small": (
            f"{steady} reached P(stable) ≥ {share}, but none with a finite {found.metric} has "
            f"{axis.requirement(found.required_margin)} it; try "
            f"{'smaller' if axis.stable == 'below' else 'larger'} {more}"
        ),
    }[found.finding]
