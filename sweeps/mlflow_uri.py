"""Which tracking URIs a mirror accepts: those that mean the same from every working directory."""

from pathlib import Path
from urllib.parse import urlsplit

from sweeps.errors import TrackingUriError

EXPECTED = "expected http://HOST:PORT of an MLflow server, or sqlite:////ABSOLUTE/PATH/mlflow.db"


def check_tracking_uri(uri: str) -> str:
    """`uri` without a trailing slash; raises `TrackingUriError`.

    A relative path would make a new, empty store wherever a process happens to run. MLflow 3 itself refuses
    folders of files (`file:`).
    """
    parts = urlsplit(uri)
    if parts.scheme in {"http", "https"} and parts.hostname:
        return uri.rstrip("/")
    if parts.scheme == "sqlite":
        if not parts.netloc and parts.path.startswith("//") and len(parts.path) > 2:
            return uri
        raise TrackingUriError(f"tracking URI {uri!r} is not absolute; {EXPECTED}")
    raise TrackingUriError(f"tracking URI {uri!r} names no MLflow server; {EXPECTED}")


def artifact_root(uri: str) -> str | None:
    """Where a store without a server keeps artifacts: beside its database. None when the server decides."""
    parts = urlsplit(uri)
    if parts.scheme != "sqlite":
        return None
    return (Path(parts.path[1:]).parent / "mlartifacts").as_uri()
