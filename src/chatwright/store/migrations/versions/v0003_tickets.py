"""Tickets, so that processes too are served in the order they came."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """One table."""
    op.create_table(
        "tickets",
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("conversation", sa.String(64), sa.ForeignKey("conversations.id", ondelete="CASCADE"), nullable=False),
        sa.Column("holder", sa.String(128), nullable=False),
        sa.Column("place", sa.Integer, nullable=False),
        sa.UniqueConstraint("holder", "place"),
    )
    op.create_index("ix_tickets_conversation", "tickets", ["conversation", "number"])


def downgrade() -> None:
    """Without it."""
    op.drop_table("tickets")
