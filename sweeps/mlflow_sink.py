"""What the mirror needs of a tracking store: four methods over whole batches.

Batches, because a store that takes many runs in one request or transaction can then be a sink as well.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from sweeps.errors import SweepError
from sweeps.mlflow_drafts import RunDraft


class TrackingError(SweepError):
    """MLflow did not answer, or refused: some of the batch may have been written, so look before creating."""


@dataclass(frozen=True)
class RunRef:
    """A run that exists, and where its artifacts go."""

    run_id: str
    artifact_uri: str


class TrackingSink(Protocol):
    """Where runs go. Every method may raise `TrackingError`; none repeats a request by itself."""

    def experiment_id(self, name: str) -> str:
        """The experiment called `name`, made if it is missing."""
        ...

    def find_run(self, experiment_id: str, identity: Mapping[str, str]) -> RunRef | None:
        """The run that carries all tags of `identity`; the oldest if there are several."""
        ...

    def create_runs(self, experiment_id: str, drafts: Sequence[RunDraft]) -> list[RunRef]:
        """Make a run for each draft, with its name, start and tags."""
        ...

    def write_runs(self, runs: Sequence[tuple[RunRef, RunDraft]]) -> None:
        """Give runs the rest of their drafts. Doing it again with equal drafts changes nothing."""
        ...
