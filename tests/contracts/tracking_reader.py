"""How tests look at what a sink wrote: as any user of MLflow's client would."""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True)
class ReadRun:
    """A run as it reads back."""

    run_id: str
    name: str
    status: str
    started_at: float
    ended_at: float | None
    tags: dict[str, str]
    params: dict[str, str]
    metrics: dict[str, float]
    datasets: list[tuple[str, str, str, str]]
    """Name, digest, source and context of each."""


@dataclass(frozen=True)
class ReadVersion:
    """A version of a registered model as it reads back."""

    name: str
    number: str
    run_id: str
    tags: dict[str, str]
    description: str


class RunReader(Protocol):
    """Reads runs."""

    def run(self, run_id: str) -> ReadRun: ...

    def runs(self, experiment_name: str, filter_string: str = "") -> list[ReadRun]: ...

    def history(self, run_id: str, metric: str) -> list[tuple[int, float, int]]: ...

    def artifact(self, run_id: str, path: str) -> bytes: ...


class ClientReader:
    """Reads with MLflow's client."""

    def __init__(self, tracking_uri: str, folder: Path) -> None:
        from mlflow import MlflowClient

        self._client = MlflowClient(tracking_uri)
        self._folder = folder
        self._uri = tracking_uri

    def run(self, run_id: str) -> ReadRun:
        return _read(self._client.get_run(run_id))

    def runs(self, experiment_name: str, filter_string: str = "") -> list[ReadRun]:
        """Every run of an experiment, the oldest first."""
        experiment = self._client.get_experiment_by_name(experiment_name)
        if experiment is None:
            return []
        found = self._client.search_runs(
            [experiment.experiment_id],
            filter_string,
            max_results=5000,
            order_by=["attributes.start_time ASC"],
        )
        return [_read(run) for run in found]

    def history(self, run_id: str, metric: str) -> list[tuple[int, float, int]]:
        """All points of a metric as (step, value, time in ms), in order of steps."""
        points = self._client.get_metric_history(run_id, metric)
        return sorted((point.step, point.value, point.timestamp) for point in points)

    def delete_experiment(self, experiment_id: str) -> None:
        self._client.delete_experiment(experiment_id)

    def artifact(self, run_id: str, path: str) -> bytes:
        return Path(self._client.download_artifacts(run_id, path, str(self._folder))).read_bytes()

    def has_model(self, model: str) -> bool:
        """Whether a registered model is there, with versions or without."""
        return bool(self._client.search_registered_models(f'name = "{model}"'))

    def versions(self, model: str) -> list[ReadVersion]:
        """Every version of a registered model."""
        found = self._client.search_model_versions(f'name = "{model}"')
        return [ReadVersion(v.name, v.version, v.run_id, dict(v.tags), v.description) for v in found]

    def model(self, version: ReadVersion) -> Path:
        """The folder that a version's files were downloaded to, from where the registry says they are."""
        from mlflow.artifacts import download_artifacts

        uri = self._client.get_model_version_download_uri(version.name, version.number)
        folder = self._folder / f"version-{version.number}"
        folder.mkdir()
        return Path(download_artifacts(uri, dst_path=str(folder), tracking_uri=self._uri))


def _read(run: object) -> ReadRun:
    info, data = run.info, run.data  # type: ignore[attr-defined]
    return ReadRun(
        run_id=info.run_id,
        name=info.run_name,
        status=info.status,
        started_at=info.start_time / 1000,
        ended_at=None if info.end_time is None else info.end_time / 1000,
        tags=dict(data.tags),
        params=dict(data.params),
        metrics=dict(data.metrics),
        datasets=[
            (item.dataset.name, item.dataset.digest, item.dataset.source, item.tags[0].value)
            for item in run.inputs.dataset_inputs  # type: ignore[attr-defined]
        ],
    )
