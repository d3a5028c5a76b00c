"""The outcome rules, in the order in which they are asked. Each gives its evidence, or None."""

from collections.abc import Callable

import numpy as np

from trainers.outcomes.run import TrainedRun
from trainers.outcomes.thresholds import DIVERGED_FACTOR, SMALLEST_FIRST_LOSS
from trainers.record import Evidence, OutcomeName


def exploded(run: TrainedRun) -> Evidence | None:
    """A loss, gradient or parameter stopped being finite."""
    if run.ending is not None and run.ending.kind == "exploded":
        return Evidence(
            "non-finite value", step=run.ending.step, layer=run.ending.layer, phase=run.ending.phase
        )
    for values, phase in ((run.series.loss, "forward"), (run.series.grad_norm, "backward")):
        broken = np.flatnonzero(~np.isfinite(values))
        if len(broken):
            return Evidence("non-finite value", step=int(broken[0]), phase=phase)  # type: ignore[arg-type]
    return None


def diverged_far(run: TrainedRun) -> Evidence | None:
    """The loss rose beyond return."""
    limit = DIVERGED_FACTOR * max(abs(run.initial_loss), SMALLEST_FIRST_LOSS)
    beyond = np.flatnonzero(run.series.loss > limit)
    if not len(beyond):
        return None
    step = int(beyond[0])
    return Evidence(
        "loss far above the first", step=step, value=float(run.series.loss[step]), threshold=limit
    )


def diverged_back(run: TrainedRun) -> Evidence | None:
    """The run ends no better than it began."""
    if run.tail_loss >= run.initial_loss:
        return Evidence("ends above its start", value=run.tail_loss, threshold=run.initial_loss)
    return None


RULES: tuple[tuple[OutcomeName, Callable[[TrainedRun], Evidence | None]], ...] = (
    ("exploded", exploded),
    ("diverged", diverged_far),
    ("diverged", diverged_back),
)
"""Asked in this order; the first that applies gives the outcome."""
