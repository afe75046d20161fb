"""Conversations are found by a digest of what was said in them. Those from before are not: they begin without one."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """One column, one index."""
    op.add_column("conversations", sa.Column("transcript", sa.String(64), nullable=False, server_default=""))
    op.create_index("ix_conversations_transcript", "conversations", ["transcript", "user"])


def downgrade() -> None:
    """Back to 0003."""
    op.drop_index("ix_conversations_transcript", "conversations")
    op.drop_column("conversations", "transcript")  # in place: a copied table would take the events with it
