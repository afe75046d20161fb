"""Alembic's environment: runs on the connection that `store.opening` hands over, in its transaction."""

from alembic import context

from chatwright.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    transaction_per_migration=False,
)
with context.begin_transaction():
    context.run_migrations()
