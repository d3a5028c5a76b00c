"""A sink through MLflow's own client: any tracking server, or an SQLite store without one."""

import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from sweeps.mlflow_drafts import Artifact, RunDraft, UsedDataset, as_tags, milliseconds
from sweeps.mlflow_registry import register
from sweeps.mlflow_sink import RunRef, TrackingError
from sweeps.mlflow_uri import artifact_root, check_tracking_uri
from sweeps.mlflow_view import VIEW_TAG, shared_view

if TYPE_CHECKING:
    from mlflow.entities import Run

CLIENT_ENVIRONMENT = {
    # A repeated "create run" makes a second run when the first one did arrive. The outbox repeats instead,
    # and looks before it creates.
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "0",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "20",
    # One request less for each run that ends, and silence.
    "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "DO_NOT_TRACK": "true",
}
"""MLflow reads its client's settings from the process's environment, so a sink sets them there."""


DATASET_CONTEXT = "mlflow.data.context"
EXPERIMENT_TAGS = {
    "mlflow.experimentKind": "custom_model_development",
    "mlflow.note.content": "Sweeps of gradsweep: a run for each sweep, and under it one for each trial.",
    VIEW_TAG: shared_view(),
}
"""Without the kind, MLflow's pages take an experiment for one about language models."""


class ClientSink:
    """Writes one run after another: create, log the batch, name the data, upload each artifact, end.

    One at a time, because a server with one worker answers no faster when asked from several threads.
    """

    def __init__(self, tracking_uri: str) -> None:
        """Raises `TrackingUriError`. Sets `CLIENT_ENVIRONMENT` for this process; MLflow is not asked yet."""
        self._uri = check_tracking_uri(tracking_uri)
        os.environ.update(CLIENT_ENVIRONMENT)
        from mlflow import MlflowClient  # a second, which only the process that mirrors should spend

        with _translated():
            self._client = MlflowClient(self._uri)

    def experiment_id(self, name: str) -> str:
        """The experiment called `name`, made if missing; of two that make it at once, both get the same."""
        with _translated():
            found = self._client.get_experiment_by_name(name)
            if found is None:
                return self._make_experiment(name)
            if found.lifecycle_stage == "deleted":
                self._client.restore_experiment(found.experiment_id)
            if found.tags.get(VIEW_TAG) != EXPERIMENT_TAGS[VIEW_TAG]:
                self._client.set_experiment_tag(found.experiment_id, VIEW_TAG, EXPERIMENT_TAGS[VIEW_TAG])
            return str(found.experiment_id)

    def find_run(self, experiment_id: str, identity: Mapping[str, str]) -> RunRef | None:
        """The oldest run that carries all tags of `identity`."""
        terms = [f"tags.`{key}` = '{value}'" for key, value in identity.items()]
        with _translated():
            found = self._client.search_runs(
                [experiment_id], " and ".join(terms), max_results=1, order_by=["attributes.start_time ASC"]
            )
            return _ref(found[0]) if found else None

    def create_runs(self, experiment_id: str, drafts: Sequence[RunDraft]) -> list[RunRef]:
        """One request for each run."""
        with _translated():
            return [self._create(experiment_id, draft) for draft in drafts]

    def write_runs(self, runs: Sequence[tuple[RunRef, RunDraft]]) -> None:
        """One request for params, metrics and tags of a run, one for its data, each artifact and its end."""
        with _translated():
            for run, draft in runs:
                self._log(run, draft)
                self._log_dataset(run, draft.dataset)
                self._upload(run, draft.artifacts)
                if draft.ended_at is not None:
                    self._client.set_terminated(run.run_id, draft.status, milliseconds(draft.ended_at))
        self._register(runs)

    def _register(self, runs: Sequence[tuple[RunRef, RunDraft]]) -> None:
        """The models among runs, whose artifacts are there by now."""
        with _translated():
            for run, draft in runs:
                if draft.model is not None:
                    register(self._client, run, draft.model)

    def _make_experiment(self, name: str) -> str:
        from mlflow.exceptions import MlflowException

        root = artifact_root(self._uri)
        try:
            return str(self._client.create_experiment(name, root and f"{root}/{name}", EXPERIMENT_TAGS))
        except MlflowException as error:
            if error.error_code != "RESOURCE_ALREADY_EXISTS":
                raise
            return self.experiment_id(name)

    def _create(self, experiment_id: str, draft: RunDraft) -> RunRef:
        run = self._client.create_run(
            experiment_id,
            start_time=milliseconds(draft.started_at),
            tags=as_tags({**draft.tags, **draft.identity}),
            run_name=draft.name,
        )
        return _ref(run)

    def _log(self, run: RunRef, draft: RunDraft) -> None:
        """The client splits what is more than one request may hold."""
        from mlflow.entities import Metric, Param, RunTag

        self._client.log_batch(
            run.run_id,
            metrics=[Metric(p.key, p.value, p.timestamp_ms, p.step) for p in draft.metrics],
            params=[Param(key, value) for key, value in draft.params.items()],
            tags=[RunTag(key, value) for key, value in as_tags(draft.closing_tags).items()],
        )

    def _log_dataset(self, run: RunRef, used: UsedDataset | None) -> None:
        from mlflow.entities import Dataset, DatasetInput, InputTag

        if used is not None:
            dataset = Dataset(used.name, used.digest, used.source_type, used.source)
            tags = [InputTag(DATASET_CONTEXT, used.context)]
            self._client.log_inputs(run.run_id, [DatasetInput(dataset, tags)])

    def _upload(self, run: RunRef, artifacts: Sequence[Artifact]) -> None:
        """Straight to the run's artifact store; the client's own call would first ask for the whole run."""
        if not artifacts:
            return
        from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository

        store = get_artifact_repository(run.artifact_uri, tracking_uri=self._uri)
        with tempfile.TemporaryDirectory(prefix="gradsweep-mlflow-") as folder:
            for artifact in artifacts:
                file = Path(folder) / Path(artifact.path).name
                file.write_bytes(artifact.data)
                place = str(Path(artifact.path).parent)
                store.log_artifact(  # type: ignore[no-untyped-call]
                    str(file), None if place == "." else place
                )


def _ref(run: "Run") -> RunRef:
    return RunRef(run.info.run_id, run.info.artifact_uri)


@contextmanager
def _translated() -> Iterator[None]:
    """What MLflow, its HTTP client and its store raise, as one error of ours."""
    from mlflow.exceptions import MlflowException

    try:
        yield
    except (MlflowException, OSError) as error:  # requests' errors are OSErrors
        raise TrackingError(f"MLflow: {' '.join(str(error).split())[:500]}") from error
