"""The outcome of a trained run."""

import numpy as np

from trainers.outcomes.rules import RULES
from trainers.outcomes.run import TrainedRun
from trainers.record import Evidence, Verdict


def judge(run: TrainedRun) -> Verdict:
    """The first rule of `trainers.outcomes.rules.RULES` that applies; `stable` when none does.

    A pure function of its argument. Raises nothing: a run of one step is judged too.
    """
    with np.errstate(all="ignore"):
        for outcome, rule in RULES:
            evidence = rule(run)
            if evidence is not None:
                return Verdict(outcome, evidence)
    return Verdict(
        "stable", Evidence("no rule against it applies", value=run.tail_loss, threshold=run.initial_loss)
    )
