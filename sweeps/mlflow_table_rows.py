"""A run as rows of MLflow's own tables, as its tracking store would write them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sweeps.mlflow_drafts import MetricPoint, RunDraft, as_tags, milliseconds

Row = dict[str, Any]
RUN_NAME_TAG = "mlflow.runName"


@dataclass(frozen=True)
class BatchRows:
    """Rows of several runs, by table."""

    metrics: list[Row]
    latest_metrics: list[Row]
    params: list[Row]
    tags: list[Row]
    endings: list[Row]


def run_row(run_id: str, experiment_id: str, artifact_uri: str, draft: RunDraft) -> Row:
    """A run that has just been created: it runs."""
    return {
        "run_uuid": run_id,
        "name": draft.name,
        "source_type": "UNKNOWN",
        "source_name": "",
        "entry_point_name": "",
        "user_id": "unknown",  # what the client sends when nobody is named
        "status": "RUNNING",
        "start_time": milliseconds(draft.started_at),
        "source_version": "",
        "lifecycle_stage": "active",
        "artifact_uri": artifact_uri,
        "experiment_id": int(experiment_id),
    }


def first_tags(run_id: str, draft: RunDraft) -> list[Row]:
    """The tags that a run is created with."""
    return _pairs(run_id, as_tags({**draft.tags, **draft.identity, RUN_NAME_TAG: draft.name}))


def batch_rows(runs: Sequence[tuple[str, RunDraft]]) -> BatchRows:
    """Everything that runs get after they were created."""
    return BatchRows(
        metrics=[_metric(run_id, point) for run_id, draft in runs for point in draft.metrics],
        latest_metrics=[_metric(run_id, point) for run_id, draft in runs for point in _latest(draft.metrics)],
        params=[row for run_id, draft in runs for row in _pairs(run_id, draft.params)],
        tags=[row for run_id, draft in runs for row in _pairs(run_id, as_tags(draft.closing_tags))],
        endings=[
            {"of": run_id, "final_status": draft.status, "ended_at": milliseconds(draft.ended_at)}
            for run_id, draft in runs
            if draft.ended_at is not None
        ],
    )


def _metric(run_id: str, point: MetricPoint) -> Row:
    return {
        "run_uuid": run_id,
        "key": point.key,
        "value": point.value,
        "timestamp": point.timestamp_ms,
        "step": point.step,
        "is_nan": False,
    }


def _latest(points: Iterable[MetricPoint]) -> Iterable[MetricPoint]:
    """The point of each metric that MLflow shows: the last step's, the youngest, the largest."""
    latest: dict[str, MetricPoint] = {}
    for point in points:
        known = latest.get(point.key)
        if known is None or _rank(point) > _rank(known):
            latest[point.key] = point
    return latest.values()


def _rank(point: MetricPoint) -> tuple[int, int, float]:
    return point.step, point.timestamp_ms, point.value


def _pairs(run_id: str, pairs: Mapping[str, str]) -> list[Row]:
    return [{"run_uuid": run_id, "key": key, "value": value} for key, value in pairs.items()]
