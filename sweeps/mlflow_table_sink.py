"""A sink that writes to the database behind an MLflow server: many runs in one transaction.

Readers of MLflow cannot tell the difference: the rows are those that the server itself would write, in the
tables that the installed MLflow declares. Where the database has other tables, and for everything that is
rare, the client does the work.
"""

import logging
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from operator import itemgetter
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from sqlalchemy import Compiled, Connection, Table, bindparam, inspect, select, update
from sqlalchemy.dialects import postgresql, sqlite

from sweeps.errors import LedgerUnavailableError
from sweeps.ledger.database import Database
from sweeps.mlflow_client_sink import ClientSink
from sweeps.mlflow_drafts import Artifact, RunDraft, UsedDataset
from sweeps.mlflow_sink import RunRef, TrackingError
from sweeps.mlflow_store import TrackingStore
from sweeps.mlflow_table_rows import (
    RUN_IDS,
    Rows,
    batch_rows,
    dataset_rows,
    first_tags,
    input_rows,
    run_rows,
)

TABLES = (
    "runs", "tags", "params", "metrics", "latest_metrics", "experiments", "datasets", "inputs", "input_tags",
)  # fmt: skip
SERVED = "mlflow-artifacts"
"""The scheme of artifacts that a server keeps for its clients."""

CACHE_MIB = 64
"""A point of a curve enters three indexes all over the file: with 2 MiB it took half as long again."""

logger = logging.getLogger(__name__)


class TableSink(ClientSink):
    """Writes runs to MLflow's tables and artifacts to its folder; asks the tracking URI for the rest."""

    def __init__(self, tracking_uri: str, store: TrackingStore) -> None:
        """`store` is what lies behind `tracking_uri`. Raises `TrackingUriError`, `LedgerUrlError`."""
        super().__init__(tracking_uri)
        from mlflow.store.db.base_sql_model import Base
        from mlflow.store.tracking.dbmodels import models  # noqa: F401 - declares the tables

        self._database = Database(store.url, sqlite_cache_mib=CACHE_MIB)
        self._tables: Mapping[str, Table] = {name: Base.metadata.tables[name] for name in TABLES}
        self._artifact_dir = store.artifact_dir
        self._fits: bool | None = None
        self._locations: dict[str, str] = {}

    def create_runs(self, experiment_id: str, drafts: Sequence[RunDraft]) -> list[RunRef]:
        """All in one transaction. A run's id follows from its identity, so nobody can make it twice."""
        if not self._can_write():
            return super().create_runs(experiment_id, drafts)
        location = self._location(experiment_id)
        ids = [run_id_of(experiment_id, draft) for draft in drafts]
        runs = [RunRef(run_id, f"{location}/{run_id}/artifacts") for run_id in ids]
        pairs = list(zip(runs, drafts, strict=True))
        with self._write() as connection:
            refs = [(run.run_id, run.artifact_uri, draft) for run, draft in pairs]
            self._insert(connection, "runs", run_rows(experiment_id, refs))
            self._insert(connection, "tags", first_tags((run.run_id, draft) for run, draft in pairs))
        return runs

    def write_runs(self, runs: Sequence[tuple[RunRef, RunDraft]]) -> None:
        """Artifacts first, then the rest of all runs in one transaction: an ended run is complete."""
        if not self._can_write():
            super().write_runs(runs)
            return
        for run, draft in runs:
            self._keep(run, draft.artifacts)
        rows = batch_rows([(run.run_id, draft) for run, draft in runs])
        with self._write() as connection:
            self._insert(connection, "metrics", rows.metrics)
            self._insert(connection, "params", rows.params)
            self._insert(connection, "latest_metrics", rows.latest_metrics, replace=True)
            self._insert(connection, "tags", rows.tags, replace=True)
            used = {run.run_id: draft.dataset for run, draft in runs if draft.dataset is not None}
            self._use_datasets(connection, used)
            self._end(connection, rows.endings)
        self._register(runs)

    def _can_write(self) -> bool:
        """Whether the database has the columns that the installed MLflow declares; looked up once."""
        if self._fits is None:
            with self._write() as connection:
                self._fits = self._has_our_columns(connection)
            if not self._fits:
                logger.warning("MLflow's database is of another version than its client: writing over HTTP")
        return self._fits

    def _has_our_columns(self, connection: Connection) -> bool:
        found = inspect(connection)
        if not found.has_table("experiments"):
            raise TrackingError("MLflow's store has no tables yet; its server makes them when it starts")
        return all(
            found.has_table(name)
            and {column["name"] for column in found.get_columns(name)} == set(table.columns.keys())
            for name, table in self._tables.items()
        )

    def _location(self, experiment_id: str) -> str:
        if experiment_id not in self._locations:
            experiments = self._tables["experiments"].c
            statement = select(experiments.artifact_location).where(
                experiments.experiment_id == int(experiment_id)
            )
            with self._write() as connection:
                self._locations[experiment_id] = str(connection.execute(statement).scalar_one()).rstrip("/")
        return self._locations[experiment_id]

    def _insert(self, connection: Connection, name: str, rows: Rows, replace: bool = False) -> None:
        """Add rows; those whose key is there already stay as they are, or take the new values."""
        if not rows.values:
            return
        table = self._tables[name]
        statement = (sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert)(table)
        if replace:
            keys = [column.name for column in table.primary_key.columns]
            new = {name: statement.excluded[name] for name in rows.columns if name not in keys}
            statement = statement.on_conflict_do_update(index_elements=keys, set_=new)
        else:
            statement = statement.on_conflict_do_nothing()
        _execute(connection, statement.compile(dialect=connection.dialect, column_keys=rows.columns), rows)

    def _use_datasets(self, connection: Connection, used: Mapping[str, UsedDataset]) -> None:
        """Datasets of runs by id; one that an experiment has already keeps its own id."""
        if not used:
            return
        runs, datasets = self._tables["runs"].c, self._tables["datasets"].c
        found = connection.execute(select(runs.run_uuid, runs.experiment_id).where(runs.run_uuid.in_(used)))
        experiments = {run_id: int(experiment) for run_id, experiment in found}
        self._insert(
            connection, "datasets", dataset_rows((experiments[run], dataset) for run, dataset in used.items())
        )
        keys = (datasets.experiment_id, datasets.name, datasets.digest)
        digests = {dataset.digest for dataset in used.values()}
        known = connection.execute(select(datasets.dataset_uuid, *keys).where(datasets.digest.in_(digests)))
        ids = {tuple(key): str(dataset_id) for dataset_id, *key in known}
        inputs, tags = input_rows(
            (run_id, ids[experiments[run_id], dataset.name, dataset.digest], dataset.context)
            for run_id, dataset in used.items()
        )
        self._insert(connection, "inputs", inputs)
        self._insert(connection, "input_tags", tags)

    def _end(self, connection: Connection, endings: Rows) -> None:
        runs = self._tables["runs"]
        if endings.values:
            statement = update(runs).where(runs.c.run_uuid == bindparam("of"))
            values = statement.values(status=bindparam("final_status"), end_time=bindparam("ended_at"))
            _execute(connection, values.compile(dialect=connection.dialect), endings)

    def _keep(self, run: RunRef, artifacts: Sequence[Artifact]) -> None:
        folder = self._folder(run.artifact_uri)
        if folder is None:
            self._upload(run, artifacts)
            return
        for artifact in artifacts:
            path = folder / artifact.path
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(artifact.data)

    def _folder(self, artifact_uri: str) -> Path | None:
        """Where a run's artifacts lie on this machine, if they do."""
        parts = urlsplit(artifact_uri)
        if parts.scheme == SERVED and self._artifact_dir is not None:
            return self._artifact_dir / unquote(parts.path).lstrip("/")
        return Path(unquote(parts.path)) if parts.scheme == "file" else None

    @contextmanager
    def _write(self) -> Iterator[Connection]:
        try:
            with self._database.write() as connection:
                yield connection
        except (LedgerUnavailableError, OSError) as error:
            raise TrackingError(f"MLflow's store: {error.__cause__ or error}") from error


def run_id_of(experiment_id: str, draft: RunDraft) -> str:
    """The id, in MLflow's form, of the one run that an experiment has with this identity."""
    return uuid.uuid5(RUN_IDS, f"{experiment_id} {sorted(draft.identity.items())}").hex


def _execute(connection: Connection, statement: Compiled, rows: Rows) -> None:
    """Run one text with every row. SQLAlchemy's own way looks at each value first: twice the work."""
    names = getattr(statement, "positiontup", None)
    if names is None:  # the driver takes values by name
        values: list[Any] = [dict(zip(rows.columns, row, strict=True)) for row in rows.values]
    else:
        values = list(map(itemgetter(*(rows.columns.index(name) for name in names)), rows.values))
    connection.exec_driver_sql(str(statement), values)
