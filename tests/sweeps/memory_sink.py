"""A whole tracking store in memory, which can break at any request: before it took effect, or after."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sweeps.mlflow_drafts import MetricPoint, RunDraft, UsedDataset, as_tags
from sweeps.mlflow_sink import RunRef, TrackingError
from tests.contracts.tracking_reader import ReadRun


@dataclass
class StoredRun:
    experiment_id: str
    name: str
    started_at: float
    status: str = "RUNNING"
    ended_at: float | None = None
    tags: dict[str, str] = field(default_factory=dict)
    params: dict[str, str] = field(default_factory=dict)
    points: dict[MetricPoint, None] = field(default_factory=dict)
    artifacts: dict[str, bytes] = field(default_factory=dict)
    datasets: list[UsedDataset] = field(default_factory=list)


class MemorySink:
    """Counts requests as a server would see them, one for each run; `breaks_at` is the one that fails.

    `took_effect` says whether the failing request was carried out before its answer got lost.
    """

    def __init__(self, breaks_at: int | None = None, took_effect: bool = False) -> None:
        self.runs_by_id: dict[str, StoredRun] = {}
        self.num_requests = 0
        self.breaks_at = breaks_at
        self.took_effect = took_effect
        self._experiments: dict[str, str] = {}

    def experiment_id(self, name: str) -> str:
        return self._experiments.setdefault(name, str(len(self._experiments) + 1))

    def find_run(self, experiment_id: str, identity: Mapping[str, str]) -> RunRef | None:
        self._request(before=True)
        self._request(before=False)
        found = [
            (run.started_at, run_id)
            for run_id, run in self.runs_by_id.items()
            if run.experiment_id == experiment_id and identity.items() <= run.tags.items()
        ]
        return RunRef(min(found)[1], "") if found else None

    def create_runs(self, experiment_id: str, drafts: Sequence[RunDraft]) -> list[RunRef]:
        return [self._create(experiment_id, draft) for draft in drafts]

    def write_runs(self, runs: Sequence[tuple[RunRef, RunDraft]]) -> None:
        for run, draft in runs:
            self._write(self.runs_by_id[run.run_id], draft)

    def read(self) -> list[ReadRun]:
        """Every run, the oldest first."""
        return [self.run(run_id) for run_id in self.runs_by_id]

    def run(self, run_id: str) -> ReadRun:
        run = self.runs_by_id[run_id]
        metrics = {point.key: point.value for point in run.points}
        return ReadRun(
            run_id,
            run.name,
            run.status,
            run.started_at,
            run.ended_at,
            run.tags,
            run.params,
            metrics,
            [(used.name, used.digest, used.source, used.context) for used in run.datasets],
        )

    def history(self, run_id: str, metric: str) -> list[tuple[int, float, int]]:
        points = (point for point in self.runs_by_id[run_id].points if point.key == metric)
        return sorted((point.step, point.value, point.timestamp_ms) for point in points)

    def artifact(self, run_id: str, path: str) -> bytes:
        return self.runs_by_id[run_id].artifacts[path]

    def _create(self, experiment_id: str, draft: RunDraft) -> RunRef:
        self._request(before=True)
        run_id = f"run-{len(self.runs_by_id)}"
        tags = as_tags({**draft.tags, **draft.identity})
        self.runs_by_id[run_id] = StoredRun(experiment_id, draft.name, draft.started_at, tags=tags)
        self._request(before=False)
        return RunRef(run_id, "")

    def _write(self, run: StoredRun, draft: RunDraft) -> None:
        self._request(before=True)
        run.params.update(draft.params)
        run.tags.update(as_tags(draft.closing_tags))
        run.points.update(dict.fromkeys(draft.metrics))
        run.artifacts.update({artifact.path: artifact.data for artifact in draft.artifacts})
        run.datasets = [] if draft.dataset is None else [draft.dataset]
        if draft.ended_at is not None:
            run.status, run.ended_at = draft.status, draft.ended_at
        self._request(before=False)

    def _request(self, before: bool) -> None:
        self.num_requests += before
        if self.num_requests == self.breaks_at and before != self.took_effect:
            self.breaks_at = None
            raise TrackingError("the line is dead")
