"""First tables: sweeps, tags, trials, curves, packs, events, reports, runners, the mirror's lease."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

SWEEP_IS_BEHIND = sa.text("mlflow_run_id IS NULL OR mirrored_revision < revision")
TRIAL_IS_MISSING = sa.text("mlflow_run_id IS NULL")


def upgrade() -> None:
    _sweeps()
    _sweep_tags()
    _trials()
    _curves()
    _packs()
    _events()
    _reports()
    _processes()


def downgrade() -> None:
    names = "mirror_lease runners report_files reports events packs curves trials sweep_tags sweeps"
    for name in names.split():
        op.drop_table(name)


def _sweeps() -> None:
    op.create_table(
        "sweeps",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("spec", sa.Text(), nullable=False),
        sa.Column("tags", sa.Text(), nullable=False),
        sa.Column("num_trials", sa.Integer(), nullable=False),
        sa.Column("num_ended", sa.Integer(), nullable=False),
        sa.Column("outcomes", sa.Text(), nullable=False),
        sa.Column("num_events", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("started_at", sa.Double()),
        sa.Column("ended_at", sa.Double()),
        sa.Column("cancel_requested", sa.Boolean(), nullable=False),
        sa.Column("pause_requested", sa.Boolean(), nullable=False),
        sa.Column("runner_id", sa.Text()),
        sa.Column("lease_expires_at", sa.Double()),
        sa.Column("error", sa.Text()),
        sa.Column("idempotency_key", sa.Text()),
        sa.Column("mlflow_experiment_id", sa.Text()),
        sa.Column("mlflow_run_id", sa.Text()),
        sa.Column("mirror_attempted", sa.Boolean(), nullable=False),
        sa.Column("num_mirrored", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("mirrored_revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_sweeps"),
        sa.UniqueConstraint("idempotency_key", name="uq_sweeps_idempotency_key"),
    )
    op.create_index("ix_sweeps_status_id", "sweeps", ["status", "id"])
    op.create_index("ix_sweeps_name_id", "sweeps", ["name", "id"])
    where = SWEEP_IS_BEHIND
    op.create_index("ix_sweeps_unmirrored", "sweeps", ["id"], sqlite_where=where, postgresql_where=where)


def _sweep_tags() -> None:
    op.create_table(
        "sweep_tags",
        sa.Column("sweep_id", sa.String(32), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        _of_sweep("sweep_tags"),
        sa.PrimaryKeyConstraint("sweep_id", "key", name="pk_sweep_tags"),
    )
    op.create_index("ix_sweep_tags_key_value", "sweep_tags", ["key", "value"])


def _trials() -> None:
    op.create_table(
        "trials",
        sa.Column("sweep_id", sa.String(32), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("config_number", sa.Integer(), nullable=False),
        sa.Column("repeat", sa.Integer(), nullable=False),
        sa.Column("config", sa.Text(), nullable=False),
        sa.Column("axes", sa.Text(), nullable=False),
        sa.Column("outcome", sa.String(16), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("num_steps_done", sa.BigInteger(), nullable=False),
        sa.Column("final", sa.Text(), nullable=False),
        sa.Column("objective", sa.Double()),
        sa.Column("pack", sa.Integer(), nullable=False),
        sa.Column("train_seconds", sa.Double(), nullable=False),
        sa.Column("error", sa.Text()),
        sa.Column("ended_at", sa.Double(), nullable=False),
        sa.Column("mirror_attempted", sa.Boolean(), nullable=False),
        sa.Column("mlflow_run_id", sa.Text()),
        _of_sweep("trials"),
        sa.PrimaryKeyConstraint("sweep_id", "number", name="pk_trials"),
    )
    op.create_index("ix_trials_sweep_id_outcome_number", "trials", ["sweep_id", "outcome", "number"])
    where = TRIAL_IS_MISSING
    op.create_index(
        "ix_trials_unmirrored", "trials", ["sweep_id", "number"], sqlite_where=where, postgresql_where=where
    )


def _curves() -> None:
    op.create_table(
        "curves",
        sa.Column("sweep_id", sa.String(32), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["sweep_id", "number"],
            ["trials.sweep_id", "trials.number"],
            name="fk_curves_trials",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("sweep_id", "number", name="pk_curves"),
    )


def _packs() -> None:
    op.create_table(
        "packs",
        sa.Column("sweep_id", sa.String(32), nullable=False),
        sa.Column("pack", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("signature", sa.Text(), nullable=False),
        sa.Column("num_trials", sa.Integer(), nullable=False),
        sa.Column("stack_size", sa.Integer(), nullable=False),
        sa.Column("seconds_per_trial_step", sa.Text(), nullable=False),
        sa.Column("train_seconds", sa.Double(), nullable=False),
        _of_sweep("packs"),
        sa.PrimaryKeyConstraint("sweep_id", "pack", name="pk_packs"),
    )


def _events() -> None:
    op.create_table(
        "events",
        sa.Column("sweep_id", sa.String(32), nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        _of_sweep("events"),
        sa.PrimaryKeyConstraint("sweep_id", "id", name="pk_events"),
    )


def _reports() -> None:
    op.create_table(
        "reports",
        sa.Column("sweep_id", sa.String(32), nullable=False),
        sa.Column("html", sa.Text(), nullable=False),
        sa.Column("analysis", sa.Text(), nullable=False),
        sa.Column("markdown", sa.Text(), nullable=False),
        _of_sweep("reports"),
        sa.PrimaryKeyConstraint("sweep_id", name="pk_reports"),
    )
    op.create_table(
        "report_files",
        sa.Column("sweep_id", sa.String(32), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["sweep_id"], ["reports.sweep_id"], name="fk_report_files_reports", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("sweep_id", "name", name="pk_report_files"),
    )


def _processes() -> None:
    op.create_table(
        "runners",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("pid", sa.BigInteger(), nullable=False),
        sa.Column("started_at", sa.Double(), nullable=False),
        sa.Column("heartbeat_at", sa.Double(), nullable=False),
        sa.Column("sweep_id", sa.Text()),
        sa.PrimaryKeyConstraint("id", name="pk_runners"),
    )
    op.create_table(
        "mirror_lease",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("mirror_id", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_mirror_lease"),
    )


def _of_sweep(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["sweep_id"], ["sweeps.id"], name=f"fk_{table}_sweeps", ondelete="CASCADE")
