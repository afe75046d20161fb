"""Claims are found by age (they expire) and by conversation (they are erased with it)."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Two indexes."""
    op.create_index("ix_claims_created_at", "claims", ["created_at"])
    op.create_index("ix_claims_conversation", "claims", ["conversation"])


def downgrade() -> None:
    """Without them."""
    op.drop_index("ix_claims_conversation", "claims")
    op.drop_index("ix_claims_created_at", "claims")
