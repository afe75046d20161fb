"""The first tables: conversations, events, claims, leases."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_CONVERSATION = ("conversations.id",)


def upgrade() -> None:
    """From nothing."""
    op.create_table(
        "conversations",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("bot", sa.String(64), nullable=False),
        sa.Column("user", sa.Text, nullable=False),
        sa.Column("started_at", sa.String(32), nullable=False),
        sa.Column("updated_at", sa.String(32), nullable=False),
        sa.Column("num_events", sa.Integer, nullable=False),
        sa.Column("num_turns", sa.Integer, nullable=False),
        sa.Column("is_waiting", sa.Boolean, nullable=False),
        sa.Column("last_user_text", sa.Text, nullable=False),
    )
    op.create_index("ix_conversations_bot_updated", "conversations", ["bot", "updated_at"])
    op.create_index("ix_conversations_user", "conversations", ["user"])
    op.create_table(
        "events",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("conversation", sa.String(64), sa.ForeignKey(*_CONVERSATION, ondelete="CASCADE"), nullable=False),
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("turn", sa.Integer, nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("at", sa.String(32), nullable=False),
        sa.Column("data", sa.Text, nullable=False),
        sa.UniqueConstraint("conversation", "seq"),
    )
    op.create_table(
        "claims",
        sa.Column("scope", sa.Text, primary_key=True),
        sa.Column("key", sa.String(255), primary_key=True),
        sa.Column("fingerprint", sa.String(128), nullable=False),
        sa.Column("conversation", sa.String(64), sa.ForeignKey(*_CONVERSATION, ondelete="CASCADE"), nullable=False),
        sa.Column("turn", sa.Integer, nullable=False),
        sa.Column("created_at", sa.String(32), nullable=False),
    )
    op.create_table(
        "leases",
        sa.Column("conversation", sa.String(64), sa.ForeignKey(*_CONVERSATION, ondelete="CASCADE"), primary_key=True),
        sa.Column("holder", sa.String(128), nullable=False),
        sa.Column("epoch", sa.Integer, nullable=False),
        sa.Column("beat", sa.Integer, nullable=False),
    )


def downgrade() -> None:
    """Back to nothing."""
    for table in ("leases", "claims", "events", "conversations"):
        op.drop_table(table)
