"""The tables. A conversation's row is a cache of the fold of its events, written in the same transaction."""

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

metadata = MetaData()

conversations = Table(
    "conversations",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("bot", String(64), nullable=False),
    Column("user", Text, nullable=False),
    Column("started_at", String(32), nullable=False),  # UTC, ISO 8601 with microseconds: sorts as text
    Column("updated_at", String(32), nullable=False),
    Column("num_events", Integer, nullable=False, default=0),
    Column("num_turns", Integer, nullable=False, default=0),
    Column("is_waiting", Boolean, nullable=False, default=False),
    Column("last_user_text", Text, nullable=False, default=""),
    Column("transcript", String(64), nullable=False, default="", server_default=""),  # digest of what was said
    Index("ix_conversations_transcript", "transcript", "user"),
    Index("ix_conversations_bot_updated", "bot", "updated_at"),
    Index("ix_conversations_user", "user"),
)

events = Table(
    "events",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("conversation", String(64), ForeignKey("conversations.id", ondelete="CASCADE"), nullable=False),
    Column("seq", Integer, nullable=False),
    Column("turn", Integer, nullable=False),
    Column("kind", String(32), nullable=False),
    Column("at", String(32), nullable=False),
    Column("data", Text, nullable=False),  # JSON
    UniqueConstraint("conversation", "seq"),
)

claims = Table(
    "claims",
    metadata,
    Column("scope", Text, primary_key=True),
    Column("key", String(255), primary_key=True),
    Column("fingerprint", String(128), nullable=False),
    Column("conversation", String(64), ForeignKey("conversations.id", ondelete="CASCADE"), nullable=False),
    Column("turn", Integer, nullable=False),
    Column("created_at", String(32), nullable=False),
    Index("ix_claims_created_at", "created_at"),
    Index("ix_claims_conversation", "conversation"),
)

leases = Table(
    "leases",
    metadata,
    Column("conversation", String(64), ForeignKey("conversations.id", ondelete="CASCADE"), primary_key=True),
    Column("holder", String(128), nullable=False),  # empty: nobody
    Column("epoch", Integer, nullable=False),  # grows with every holder: the fencing token
    Column("beat", Integer, nullable=False),  # grows while the holder lives
)

tickets = Table(
    "tickets",
    metadata,
    Column("number", Integer, primary_key=True),  # the lowest is next
    Column("conversation", String(64), ForeignKey("conversations.id", ondelete="CASCADE"), nullable=False),
    Column("holder", String(128), nullable=False),
    Column("place", Integer, nullable=False),  # which of the holder's tasks
    UniqueConstraint("holder", "place"),
    Index("ix_tickets_conversation", "conversation", "number"),
)
