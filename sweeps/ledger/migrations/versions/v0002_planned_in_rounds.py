"""Sweeps that are planned round by round: the most trials that there can be."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("sweeps", sa.Column("max_trials", sa.Integer()))


def downgrade() -> None:
    op.drop_column("sweeps", "max_trials")
