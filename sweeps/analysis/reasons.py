"""The sentences of a recommendation, made from its numbers."""

from typing import TYPE_CHECKING

from sweeps.analysis.labels import count, number_label

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
        f"{number_label(found.required_p_stable)} and an edge at least "
        f"{number_label(found.required_margin)}× above; this one has the best {found.metric}.",
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
    margin, share = number_label(found.required_margin), number_label(found.required_p_stable)
    steady = count(found.num_stable_enough, "setting")
    return {
        "found": "",
        "nothing_ended": "no trial has ended by itself",
        "none_stable": f"none of {count(found.num_settings, 'setting')} reached P(stable) ≥ {share}",
        "no_objective": f"{steady} reached P(stable) ≥ {share}, but none has a finite {found.metric}",
        "margin_unknown": (
            f"{steady} reached P(stable) ≥ {share}, but each was tried at one learning rate only, so its "
            "distance to the edge is not known; sweep optimizer.lr over a range to learn it"
        ),
        "margin_too_small": (
            f"{steady} reached P(stable) ≥ {share}, but none with a finite {found.metric} has an edge at "
            f"least {margin}× above it; try smaller learning rates, or a finer grid"
        ),
    }[found.finding]
