"""The settings of the front end, read once from `GRADSWEEP_*` environment variables."""

from collections.abc import Mapping
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from service.errors import SettingsError

PREFIX = "GRADSWEEP_"
DEFAULT_STATE_DIR = Path(".gradsweep")
DEFAULT_HOST = "127.0.0.1"
DEFAULT_PORT = 8000
DEFAULT_MLFLOW_PORT = 5000


class ServiceSettings(BaseModel):
    """Where things are and how much a request may ask for; every field has its `GRADSWEEP_` variable."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    state_dir: Path = Field(DEFAULT_STATE_DIR, description="folder for the ledger, MLflow's data and logs")
    ledger_url: str = Field(
        "", description="sqlite:///PATH or postgresql+psycopg://…; empty means ledger.db in the state folder"
    )
    mlflow_uri: str = Field("", description="MLflow server or store; empty means no check and no links")
    mlflow_public_url: str = Field(
        "", description="MLflow's address as a browser reaches it; empty means the same as mlflow_uri"
    )
    host: str = Field(DEFAULT_HOST, description="address to listen on")
    port: int = Field(DEFAULT_PORT, ge=0, le=65535, description="port to listen on; 0 takes a free one")
    allowed_hosts: str = Field(
        "", description="public names that this service answers to, with commas; addresses always work"
    )
    max_body_bytes: int = Field(1_000_000, ge=1, description="largest request body; more is answered 413")
    event_poll_seconds: float = Field(
        0.25, gt=0, le=60, description="time between two looks at the ledger for a stream of events"
    )
    event_ping_seconds: float = Field(15.0, gt=0, description="time between heartbeats on a quiet stream")
    report_wait_seconds: float = Field(
        60.0, ge=0, description="how long a stream of events waits for the report after the sweep ended"
    )
    runner_max_age_seconds: float = Field(
        30.0, gt=0, description="a runner whose last heartbeat is older counts as gone"
    )

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> Self:
        """Settings from `environ`; unset or empty variables keep their default.

        Raises `SettingsError`, which names the variable, its value and what was expected.
        """
        values = {name: environ.get(PREFIX + name.upper()) for name in cls.model_fields}
        try:
            return cls.model_validate({name: value for name, value in values.items() if value})
        except ValidationError as error:
            first = error.errors()[0]
            name = PREFIX + str(first["loc"][0]).upper()
            raise SettingsError(f"{name}={first['input']!r}: {first['msg']}") from None

    def to_environment(self) -> dict[str, str]:
        """The variables that `from_environment` reads these settings back from."""
        return {PREFIX + name.upper(): str(value) for name, value in self if value != ""}

    @property
    def ledger(self) -> str:
        """The ledger's URL, with the default filled in."""
        return self.ledger_url or f"sqlite:///{self.state_dir.resolve() / 'ledger.db'}"

    @property
    def allowed_host_names(self) -> frozenset[str]:
        """The names in `allowed_hosts`."""
        return frozenset(name.strip().lower() for name in self.allowed_hosts.split(",") if name.strip())

    @property
    def mlflow_is_server(self) -> bool:
        """Whether MLflow is behind HTTP, and so can be asked for its health."""
        return self.mlflow_uri.startswith(("http://", "https://"))

    @property
    def mlflow_link_base(self) -> str:
        """What links to MLflow start with, without a slash at the end; empty when it has no address."""
        if self.mlflow_public_url:
            return self.mlflow_public_url.rstrip("/")
        return self.mlflow_uri.rstrip("/") if self.mlflow_is_server else ""
