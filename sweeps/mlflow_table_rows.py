"""Runs as rows of MLflow's own tables, as its tracking store would write them."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sweeps.mlflow_drafts import MetricPoint, RunDraft, UsedDataset, as_tags, milliseconds

RUN_IDS = uuid.UUID("6f7a3c0e-5d1b-4b8e-9c39-0f4d2a7be611")
"""The name space of the ids of our runs, and of what they use."""
CONTEXT = "mlflow.data.context"
RUN_NAME_TAG = "mlflow.runName"
PAIR = ("run_uuid", "key", "value")
METRIC = ("run_uuid", "key", "value", "timestamp", "step", "is_nan")
ENDING = ("of", "final_status", "ended_at")
DATASET = ("dataset_uuid", "experiment_id", "name", "digest", "dataset_source_type", "dataset_source")
INPUT = ("input_uuid", "source_type", "source_id", "destination_type", "destination_id")
INPUT_TAG = ("input_uuid", "name", "value")


@dataclass(frozen=True)
class Rows:
    """Rows of one table, each a tuple of `columns`: a trial has hundreds."""

    columns: Sequence[str]
    values: list[tuple[Any, ...]]


@dataclass(frozen=True)
class BatchRows:
    """Rows of several runs, by table; `endings` are changes of rows in `runs`."""

    metrics: Rows
    latest_metrics: Rows
    params: Rows
    tags: Rows
    endings: Rows


def run_rows(experiment_id: str, runs: Iterable[tuple[str, str, RunDraft]]) -> Rows:
    """Runs that have just been created, by id and artifact URI: they run."""
    rows = [_run(experiment_id, run_id, artifact_uri, draft) for run_id, artifact_uri, draft in runs]
    return Rows(list(rows[0]) if rows else [], [tuple(row.values()) for row in rows])


def first_tags(runs: Iterable[tuple[str, RunDraft]]) -> Rows:
    """The tags that runs are created with."""
    return _pairs(
        (run_id, as_tags({**draft.tags, **draft.identity, RUN_NAME_TAG: draft.name}))
        for run_id, draft in runs
    )


def batch_rows(runs: Sequence[tuple[str, RunDraft]]) -> BatchRows:
    """Everything that runs get after they were created."""
    return BatchRows(
        metrics=_metrics((run_id, draft.metrics) for run_id, draft in runs),
        latest_metrics=_metrics((run_id, _latest(draft.metrics)) for run_id, draft in runs),
        params=_pairs((run_id, draft.params) for run_id, draft in runs),
        tags=_pairs((run_id, as_tags(draft.closing_tags)) for run_id, draft in runs),
        endings=Rows(
            ENDING,
            [
                (run_id, draft.status, milliseconds(draft.ended_at))
                for run_id, draft in runs
                if draft.ended_at is not None
            ],
        ),
    )


def _run(experiment_id: str, run_id: str, artifact_uri: str, draft: RunDraft) -> dict[str, Any]:
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


def _metrics(runs: Iterable[tuple[str, Iterable[MetricPoint]]]) -> Rows:
    """In the order of MLflow's key, whose index they all enter."""
    rows = [
        (run_id, key, value, timestamp, step, False)
        for run_id, points in runs
        for key, value, step, timestamp in points
    ]
    return Rows(METRIC, sorted(rows, key=_place))


def _place(row: tuple[Any, ...]) -> tuple[Any, ...]:
    return row[1], row[3], row[4]


def dataset_rows(datasets: Iterable[tuple[int, UsedDataset]]) -> Rows:
    """Datasets of experiments, each once; an id follows from experiment, name and digest."""
    found = {
        (experiment_id, used.name, used.digest): (
            uuid.uuid5(RUN_IDS, f"{experiment_id} {used.name} {used.digest}").hex,
            *(experiment_id, used.name, used.digest, used.source_type, used.source),
        )
        for experiment_id, used in datasets
    }
    return Rows(DATASET, list(found.values()))


def input_rows(inputs: Iterable[tuple[str, str, str]]) -> tuple[Rows, Rows]:
    """That runs used datasets, and tags that say for what; `inputs` are run, dataset and context."""
    named = [
        (uuid.uuid5(RUN_IDS, f"{run} {dataset}").hex, run, dataset, told) for run, dataset, told in inputs
    ]
    rows = [(input_id, "DATASET", dataset, "RUN", run) for input_id, run, dataset, _ in named]
    return Rows(INPUT, rows), Rows(INPUT_TAG, [(input_id, CONTEXT, told) for input_id, _, _, told in named])


def _latest(points: Iterable[MetricPoint]) -> Iterable[MetricPoint]:
    """The point of each metric that MLflow shows: the last step's, the youngest, the largest."""
    latest: dict[str, MetricPoint] = {}
    for point in points:
        known = latest.get(point.key)
        if known is None or point.step > known.step or _rank(point) > _rank(known):
            latest[point.key] = point
    return latest.values()


def _rank(point: MetricPoint) -> tuple[int, int, float]:
    return point.step, point.timestamp_ms, point.value


def _pairs(runs: Iterable[tuple[str, Mapping[str, str]]]) -> Rows:
    return Rows(PAIR, [(run_id, key, value) for run_id, pairs in runs for key, value in pairs.items()])
