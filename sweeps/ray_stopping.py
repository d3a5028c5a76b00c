"""Ray Tune's own schedulers, which compare packs of one trial with each other."""

from typing import Any

from ray.tune.execution.tune_controller import TuneController
from ray.tune.experiment import Trial
from ray.tune.schedulers import ASHAScheduler, MedianStoppingRule, TrialScheduler
from typing_extensions import override

from sweeps.spec.stopping import Asha, Median, Stopping

RUNG_TIME = "rung_time"
"""Key of a result that says at which rung it was taken; results between rungs have none, and stop nobody."""


def rung_time(stopping: Stopping, num_passed: int) -> int:
    """The time at rung `num_passed`, counted from 1, on a clock on which all trials have equal rungs.

    Trials may have steps of their own, and a scheduler knows one clock.
    """
    return int(stopping.factor ** (num_passed - 1)) if isinstance(stopping, Asha) else num_passed


def scheduler_of(stopping: Stopping) -> TrialScheduler | None:
    """The scheduler of a rule; None where Tune lets every trial train to its end.

    Scores are finite throughout: Tune's ASHA never stops a trial whose score is NaN.
    """
    if isinstance(stopping, Asha):
        return ASHAScheduler(
            time_attr=RUNG_TIME,
            grace_period=1,
            reduction_factor=stopping.factor,
            max_t=rung_time(stopping, stopping.rungs + 1),
            stop_last_trials=False,
        )
    if isinstance(stopping, Median):
        return LeanMedianRule(
            time_attr=RUNG_TIME,
            grace_period=stopping.grace + 1,
            min_samples_required=stopping.min_trials,
            # A slice that never ends: the rule would pause trials, which needs checkpoints.
            min_time_slice=float("inf"),  # type: ignore[arg-type]
        )
    return None


class LeanMedianRule(MedianStoppingRule):
    """The rule without the reports that results carry: it keeps every result of every trial."""

    @override
    def on_trial_result(self, tune_controller: TuneController, trial: Trial, result: dict[str, Any]) -> str:
        """Continue or stop."""
        decision: str = super().on_trial_result(tune_controller, trial, self._lean(result))
        return decision

    @override
    def on_trial_complete(
        self, tune_controller: TuneController, trial: Trial, result: dict[str, Any]
    ) -> None:
        """Results without a rung count for nothing."""
        if RUNG_TIME in result:
            super().on_trial_complete(tune_controller, trial, self._lean(result))

    def _lean(self, result: dict[str, Any]) -> dict[str, Any]:
        return {key: result[key] for key in (RUNG_TIME, self._metric) if key in result}
