"""From what the loop remembers of trials to their records."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite

import numpy as np
from numpy.typing import NDArray

from trainers.outcomes import Ending, TrainedRun, judge, stability_score
from trainers.outcomes.run import share_traits
from trainers.outcomes.traits import Traits
from trainers.rates import Evaluations
from trainers.record import TrialRecord, Verdict
from trainers.rungs import STOPPED_EARLY
from trainers.statistics.curves import make_curves
from trainers.statistics.scheduled import Measured
from trainers.statistics.series import StepSeries
from trainers.trial import PackTrial
from trainers.workload import Workload

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Ended:
    """A trial that ended, as the loop hands it over.

    `evaluations` maps a step to its metrics, `extras` are further numbers for the record's `final`. The trial
    was stopped early when it made fewer steps than planned without an `ending`.
    """

    trial: PackTrial
    ending: Ending | None
    evaluations: Evaluations
    train_seconds: float
    extras: Mapping[str, float]
    measured: Measured | None = None


@dataclass(frozen=True)
class Steps:
    """What K trials of a stack did in the n steps that they made.

    `series` holds (K, n) arrays. Each of R report windows ends with one of the steps `ends`; `layers` (K, R,
    L) are statistics by layer, `rates` (K, R) the learning rates there.
    """

    series: StepSeries
    ends: NDArray[np.int64]
    layers: Mapping[str, Floats]
    rates: Floats


def make_records(ended: Sequence[Ended], steps: Steps, workload: Workload) -> list[TrialRecord]:
    """Judge K trials that made as many steps, and condense their statistics."""
    traits = Traits(steps.series, steps.layers["grad_norm"])
    runs = _runs(ended, steps, workload)
    share_traits(runs, traits)
    verdicts = [judge(run) for run in runs]
    layer_names, config = workload.layout.layers, ended[0].trial.config
    curves = make_curves(
        steps.series,
        traits.spikes.up,
        steps.ends,
        steps.rates,
        [of_trial.evaluations for of_trial in ended],
        layer_names,
        steps.layers,
        np.float64 if config.dtype == "float64" else np.float32,
        [of_trial.measured for of_trial in ended],
    )
    totals = _totals(traits)
    return [
        TrialRecord(
            number=of_trial.trial.number,
            verdict=verdict,
            num_steps_done=steps.series.num_steps,
            final=_final(run, verdict, of_trial, total),
            curves=curve,
            train_seconds=of_trial.train_seconds,
        )
        for of_trial, run, verdict, total, curve in zip(ended, runs, verdicts, totals, curves, strict=True)
    ]


def _runs(ended: Sequence[Ended], steps: Steps, workload: Workload) -> list[TrainedRun]:
    return [
        TrainedRun(
            series=series,
            num_steps_planned=of_trial.trial.config.steps,
            ending=of_trial.ending,
            layer_names=workload.layout.layers,
            layer_grad_norms=norms,
            baseline_loss=workload.baseline_loss,
            num_left_out=int(of_trial.extras.get("loss_scale_overflows", 0)),
        )
        for of_trial, series, norms in zip(ended, steps.series.rows(), steps.layers["grad_norm"], strict=True)
    ]


def _totals(traits: Traits) -> list[dict[str, float]]:
    """Numbers of whole runs, for each of K."""
    series = traits.series
    columns = {
        "spike_score": traits.spikes.score,
        "grad_norm_max": _largest(series.grad_norm),
        "clip_fraction": series.clipped.mean(axis=1),
    }
    rows = zip(*(column.tolist() for column in columns.values()), strict=True)
    return [dict(zip(columns, row, strict=True)) for row in rows]


def _final(
    run: TrainedRun, verdict: Verdict, ended: Ended, totals: Mapping[str, float]
) -> dict[str, float | None]:
    exploded, num_steps = verdict.outcome == "exploded", run.series.num_steps
    numbers = {
        "train_loss": float("nan") if exploded else run.tail_loss,
        "initial_loss": run.initial_loss,
        "stability_score": stability_score(run, verdict.outcome),
        "nonfinite": 1.0 if exploded else 0.0,
        **totals,
        "eval_loss": float("nan"),
        **ended.extras,
    }
    if ended.ending is None and num_steps < run.num_steps_planned:
        numbers[STOPPED_EARLY] = 1.0
    if not exploded:
        last = run.num_steps_planned if ended.ending is not None else num_steps
        numbers |= ended.evaluations.get(last - 1, {})
    return {name: value if isfinite(value) else None for name, value in numbers.items()}


def _largest(values: Floats) -> Floats:
    """The largest finite value of each row (K,), NaN where there is none."""
    return np.asarray(np.fmax.reduce(np.where(np.isfinite(values), values, np.nan), axis=1))
