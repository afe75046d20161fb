"""Conversations, kept: each an append-only list of events in one SQLite file; what was acknowledged is never lost."""

from chatwright.store.opening import open_store
from chatwright.store.sql_store import SqlStore

__all__ = ["SqlStore", "open_store"]
