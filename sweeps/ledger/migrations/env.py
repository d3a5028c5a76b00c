"""Runs migrations on the connection it is given: `upgrade` opens and locks it."""

from alembic import context

from sweeps.ledger.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
