"""A trial's run in MLflow: one row of the ledger as params, curves, numbers, tags and one artifact."""

import hashlib
import json
from collections.abc import Mapping
from io import BytesIO
from math import isfinite
from typing import Any

import numpy as np

from sweeps.labels import setting_label, value_label
from sweeps.ledger.base import Sweep, TrialRow
from sweeps.mlflow_drafts import (
    Artifact,
    MetricPoint,
    RunDraft,
    UsedDataset,
    flat_params,
    milliseconds,
    points,
)
from sweeps.mlflow_names import summary_name
from sweeps.report.gradient_picture import gradient_picture
from sweeps.report.sections.base import onset
from trainers.record import Curves, TrialRecord

PARENT_TAG = "mlflow.parentRunId"
NOTE_TAG = "mlflow.note.content"
SOURCE_TAGS = {"mlflow.source.name": "gradsweep", "mlflow.source.type": "JOB"}


def trial_identity(sweep_id: str, number: int) -> dict[str, str]:
    """The tags that only this trial's run carries."""
    return {"gradsweep.kind": "trial", "gradsweep.sweep_id": sweep_id, "gradsweep.trial": str(number)}


def trial_draft(sweep: Sweep, trial: TrialRow) -> RunDraft:
    """The finished run of a trial whose sweep has its parent run."""
    record = trial.record
    started_at = trial.ended_at - record.train_seconds
    parent = {} if sweep.mlflow_run_id is None else {PARENT_TAG: sweep.mlflow_run_id}
    return RunDraft(
        identity=trial_identity(trial.sweep_id, trial.number),
        name=setting_label(trial.axes, trial.repeat),
        status="FAILED" if record.verdict.outcome == "failed" else "FINISHED",
        started_at=started_at,
        ended_at=trial.ended_at,
        tags={**SOURCE_TAGS, **parent, NOTE_TAG: note(record), **_outcome_tags(record), **_place_tags(trial)},
        params={**_kind_labels(trial.axes), **flat_params(trial.config)},
        metrics=(*curve_points(record.curves, started_at, trial.ended_at), *_summary(trial)),
        artifacts=_layers(trial),
        dataset=used_dataset(trial.config),
    )


def used_dataset(config: Mapping[str, Any]) -> UsedDataset | None:
    """What the trial learnt from: its data's kind, told apart by its parameters; None for no workload."""
    workload = config.get("workload", {})
    data = workload.get("data", workload)
    if not data:
        return None
    source = json.dumps(data, sort_keys=True)
    digest = hashlib.blake2b(source.encode(), digest_size=4).hexdigest()
    return UsedDataset(str(data.get("kind", "data")), digest, source)


def note(record: TrialRecord) -> str:
    """The outcome and its evidence as a sentence, for the run's description."""
    evidence = record.verdict.evidence
    where = [
        f"at step {evidence.step}" if evidence.step is not None else "",
        f"in `{evidence.layer}`" if evidence.layer is not None else "",
        f"({evidence.phase})" if evidence.phase is not None else "",
    ]
    place = " ".join(part for part in where if part)
    return f"**{record.verdict.outcome}**: {evidence.rule}{f', {place}' if place else ''}."


def curve_points(curves: Curves, started_at: float, ended_at: float) -> tuple[MetricPoint, ...]:
    """Every finite point of every curve; its time is the trial's, spread evenly over the steps."""
    if not len(curves.steps):
        return ()
    steps = curves.steps.tolist()
    share = (np.asarray(curves.steps, np.float64) + 1) / (steps[-1] + 1)
    stamps = [milliseconds(at) for at in (started_at + share * (ended_at - started_at)).tolist()]
    return tuple(
        MetricPoint(name, value, step, stamp)
        for name, values in curves.scalars.items()
        for value, step, stamp in zip(values.tolist(), steps, stamps, strict=True)
        if isfinite(value)
    )


def layer_table(curves: Curves) -> bytes:
    """Per-layer statistics as a Parquet file: step, layer, then a column for each statistic."""
    import pyarrow as pa  # type: ignore[import-untyped]
    import pyarrow.parquet as pq  # type: ignore[import-untyped]

    num_steps, num_layers = len(curves.steps), len(curves.layer_names)
    layer = np.tile(np.arange(num_layers, dtype=np.int32), num_steps)
    columns: dict[str, Any] = {
        "step": np.repeat(curves.steps, num_layers),
        "layer": pa.DictionaryArray.from_arrays(layer, list(curves.layer_names)),
    }
    columns |= {name: np.ravel(values) for name, values in curves.layers.items()}
    buffer = BytesIO()
    pq.write_table(pa.table(columns), buffer, compression="zstd", write_statistics=False)
    return buffer.getvalue()


def _layers(trial: TrialRow) -> tuple[Artifact, ...]:
    """The statistics by layer as a table, and the gradients among them as a picture."""
    curves = trial.record.curves
    if not curves.layers or not len(curves.steps):
        return ()
    picture = gradient_picture(curves, onset(trial), setting_label(trial.axes, trial.repeat))
    drawn = () if picture is None else (Artifact("gradients.html", picture),)
    return (Artifact("layers.parquet", layer_table(curves)), *drawn)


def _summary(trial: TrialRow) -> tuple[MetricPoint, ...]:
    record = trial.record
    numbers = {summary_name(name): value for name, value in record.final.items()}
    numbers["objective"] = trial.objective
    numbers["steps_done"] = record.num_steps_done
    numbers["train_seconds"] = record.train_seconds
    if record.final.get("nonfinite"):
        numbers["first_nonfinite_step"] = record.verdict.evidence.step
    return points(numbers, trial.ended_at)


def _outcome_tags(record: TrialRecord) -> dict[str, str]:
    """The outcome and the evidence for it; what the evidence lacks has no tag."""
    evidence = vars(record.verdict.evidence)
    tags = {f"outcome.{name}": _tag(value) for name, value in evidence.items() if value is not None}
    return {"outcome": record.verdict.outcome, **tags}


def _tag(value: object) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def _place_tags(trial: TrialRow) -> dict[str, str]:
    tags = {"gradsweep.configuration": str(trial.config_number), "gradsweep.repeat": str(trial.repeat)}
    return tags if trial.record.error is None else {**tags, "gradsweep.error": trial.record.error}


def _kind_labels(axes: Mapping[str, Any]) -> dict[str, str]:
    """One readable param for each varied kind, such as clip=global_norm:1, to group and to compare by."""
    return {path: value_label(value) for path, value in axes.items() if isinstance(value, Mapping)}
