"""The ledger's tables. A change here needs a migration; a test holds the two together."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Double,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    text,
)

from sweeps.ledger.strict_json import StrictJson

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

sweeps = Table(
    "sweeps",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("name", Text, nullable=False),
    Column("status", String(16), nullable=False),
    Column("spec", StrictJson, nullable=False),
    Column("tags", StrictJson, nullable=False),
    Column("num_trials", Integer, nullable=False),
    Column("max_trials", Integer),
    Column("num_ended", Integer, nullable=False),
    Column("outcomes", StrictJson, nullable=False),
    Column("num_events", BigInteger, nullable=False),
    Column("created_at", Double, nullable=False),
    Column("started_at", Double),
    Column("ended_at", Double),
    Column("cancel_requested", Boolean, nullable=False),
    Column("pause_requested", Boolean, nullable=False),
    Column("runner_id", Text),
    Column("lease_expires_at", Double),
    Column("error", Text),
    Column("idempotency_key", Text, unique=True),
    # What MLflow has: the parent run, how many trials, and which state of the end and the report.
    Column("mlflow_experiment_id", Text),
    Column("mlflow_run_id", Text),
    Column("mirror_attempted", Boolean, nullable=False),
    Column("num_mirrored", Integer, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("mirrored_revision", Integer, nullable=False),
    Index(None, "status", "id"),
    Index(None, "name", "id"),
    Index(
        "ix_sweeps_unmirrored",
        "id",
        sqlite_where=text("mlflow_run_id IS NULL OR mirrored_revision < revision"),
        postgresql_where=text("mlflow_run_id IS NULL OR mirrored_revision < revision"),
    ),
)

sweep_tags = Table(
    "sweep_tags",
    metadata,
    Column("sweep_id", String(32), ForeignKey("sweeps.id", ondelete="CASCADE"), primary_key=True),
    Column("key", Text, primary_key=True),
    Column("value", Text, nullable=False),
    Index(None, "key", "value"),
)

trials = Table(
    "trials",
    metadata,
    Column("sweep_id", String(32), ForeignKey("sweeps.id", ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("config_number", Integer, nullable=False),
    Column("repeat", Integer, nullable=False),
    Column("config", StrictJson, nullable=False),
    Column("axes", StrictJson, nullable=False),
    Column("outcome", String(16), nullable=False),
    Column("evidence", StrictJson, nullable=False),
    Column("num_steps_done", BigInteger, nullable=False),
    Column("final", StrictJson, nullable=False),
    Column("objective", Double),
    Column("pack", Integer, nullable=False),
    Column("train_seconds", Double, nullable=False),
    Column("error", Text),
    Column("ended_at", Double, nullable=False),
    Column("mirror_attempted", Boolean, nullable=False),
    Column("mlflow_run_id", Text),
    Index(None, "sweep_id", "outcome", "number"),
    Index(
        "ix_trials_unmirrored",
        "sweep_id",
        "number",
        sqlite_where=text("mlflow_run_id IS NULL"),
        postgresql_where=text("mlflow_run_id IS NULL"),
    ),
)

# Curves lie apart, so that a listing reads only the small rows.
curves = Table(
    "curves",
    metadata,
    Column("sweep_id", String(32), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("data", LargeBinary, nullable=False),
    ForeignKeyConstraint(["sweep_id", "number"], ["trials.sweep_id", "trials.number"], ondelete="CASCADE"),
)

packs = Table(
    "packs",
    metadata,
    Column("sweep_id", String(32), ForeignKey("sweeps.id", ondelete="CASCADE"), primary_key=True),
    Column("pack", Integer, primary_key=True, autoincrement=False),
    Column("signature", Text, nullable=False),
    Column("num_trials", Integer, nullable=False),
    Column("stack_size", Integer, nullable=False),
    Column("seconds_per_trial_step", StrictJson, nullable=False),
    Column("train_seconds", Double, nullable=False),
)

events = Table(
    "events",
    metadata,
    Column("sweep_id", String(32), ForeignKey("sweeps.id", ondelete="CASCADE"), primary_key=True),
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("at", Double, nullable=False),
    Column("type", Text, nullable=False),
    Column("data", StrictJson, nullable=False),
)

reports = Table(
    "reports",
    metadata,
    Column("sweep_id", String(32), ForeignKey("sweeps.id", ondelete="CASCADE"), primary_key=True),
    Column("html", Text, nullable=False),
    Column("analysis", StrictJson, nullable=False),
    Column("markdown", Text, nullable=False),
)

report_files = Table(
    "report_files",
    metadata,
    Column("sweep_id", String(32), ForeignKey("reports.sweep_id", ondelete="CASCADE"), primary_key=True),
    Column("name", Text, primary_key=True),
    Column("data", LargeBinary, nullable=False),
)

runners = Table(
    "runners",
    metadata,
    Column("id", Text, primary_key=True),
    Column("host", Text, nullable=False),
    Column("pid", BigInteger, nullable=False),
    Column("started_at", Double, nullable=False),
    Column("heartbeat_at", Double, nullable=False),
    Column("sweep_id", Text),
)

mirror_lease = Table(
    "mirror_lease",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("mirror_id", Text, nullable=False),
    Column("expires_at", Double, nullable=False),
)
