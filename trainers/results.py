"""From what the loop remembers of a trial to its record."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite

import numpy as np
from numpy.typing import NDArray

from trainers.outcomes import Ending, TrainedRun, judge, stability_score
from trainers.rates import rate_at
from trainers.record import TrialRecord, Verdict
from trainers.rungs import STOPPED_EARLY
from trainers.statistics.curves import make_curves
from trainers.statistics.scheduled import Measured
from trainers.statistics.series import StepSeries
from trainers.statistics.spikes import spike_score
from trainers.trial import PackTrial

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Ended:
    """A trial that ended, as the loop hands it over.

    `evaluations` maps a step to its metrics, `extras` are further numbers for the record's `final`. The trial
    was stopped early when it made fewer steps than planned without an `ending`.
    """

    trial: PackTrial
    series: StepSeries
    ending: Ending | None
    layers: Mapping[str, Floats]
    evaluations: Mapping[int, Mapping[str, float]]
    train_seconds: float
    num_examples: int
    extras: Mapping[str, float]
    measured: Measured | None = None


def make_record(
    ended: Ended, report_steps: NDArray[np.int64], layer_names: tuple[str, ...], baseline_loss: float | None
) -> TrialRecord:
    """Judge the trial and condense its statistics."""
    config = ended.trial.config
    run = TrainedRun(
        series=ended.series,
        num_steps_planned=config.steps,
        ending=ended.ending,
        layer_names=layer_names,
        layer_grad_norms=ended.layers["grad_norm"],
        baseline_loss=baseline_loss,
        num_left_out=int(ended.extras.get("loss_scale_overflows", 0)),
    )
    verdict = judge(run)
    curves = make_curves(
        ended.series,
        run.spiked,
        report_steps,
        lambda step: rate_at(config, step, ended.num_examples, ended.evaluations),
        ended.evaluations,
        layer_names,
        ended.layers,
        np.float64 if config.dtype == "float64" else np.float32,
        ended.measured,
    )
    return TrialRecord(
        number=ended.trial.number,
        verdict=verdict,
        num_steps_done=ended.series.num_steps,
        final=_final(run, verdict, ended),
        curves=curves,
        train_seconds=ended.train_seconds,
    )


def _final(run: TrainedRun, verdict: Verdict, ended: Ended) -> dict[str, float | None]:
    exploded = verdict.outcome == "exploded"
    series = run.series
    numbers = {
        "train_loss": float("nan") if exploded else run.tail_loss,
        "initial_loss": run.initial_loss,
        "stability_score": stability_score(run, verdict.outcome),
        "nonfinite": 1.0 if exploded else 0.0,
        "spike_score": spike_score(series.loss),
        "grad_norm_max": _largest(series.grad_norm),
        "clip_fraction": float(series.clipped.mean()),
        "eval_loss": float("nan"),
        **ended.extras,
    }
    if ended.ending is None and series.num_steps < run.num_steps_planned:
        numbers[STOPPED_EARLY] = 1.0
    if not exploded:
        last = run.num_steps_planned if ended.ending is not None else series.num_steps
        numbers |= ended.evaluations.get(last - 1, {})
    return {name: value if isfinite(value) else None for name, value in numbers.items()}


def _largest(values: Floats) -> float:
    finite = values[np.isfinite(values)]
    return float(finite.max()) if len(finite) else float("nan")
