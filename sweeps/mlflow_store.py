"""What lies behind an MLflow server, for a mirror that may write there directly."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from sweeps.mlflow_uri import artifact_root

STORE_VARIABLE = "GRADSWEEP_MLFLOW_STORE"
ARTIFACTS_VARIABLE = "GRADSWEEP_MLFLOW_ARTIFACTS"


@dataclass(frozen=True)
class TrackingStore:
    """The database of a tracking server, and the folder of its artifacts if it lies on this machine.

    Whoever starts the server knows them and passes them on in the environment; a mirror that is not told
    goes through the server.
    """

    url: str
    artifact_dir: Path | None = None

    def to_environment(self) -> dict[str, str]:
        """Environment variables that `from_environment` reads."""
        folder = {} if self.artifact_dir is None else {ARTIFACTS_VARIABLE: str(self.artifact_dir)}
        return {STORE_VARIABLE: self.url, **folder}

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> "TrackingStore | None":
        """The store that the environment names; None when it names none."""
        folder = environ.get(ARTIFACTS_VARIABLE)
        url = environ.get(STORE_VARIABLE)
        return cls(url, Path(folder) if folder else None) if url else None

    @classmethod
    def of_uri(cls, tracking_uri: str) -> "TrackingStore | None":
        """The store that a tracking URI is itself, when it is no server's."""
        root = artifact_root(tracking_uri)
        return None if root is None else cls(tracking_uri, Path(unquote(urlsplit(root).path)))
