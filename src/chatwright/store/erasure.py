"""Makes what was erased unreadable: in tables, in free pages, in the write-ahead log."""

import time

from sqlalchemy import Connection, Engine, delete, func, select

from chatwright.errors import EngineError
from chatwright.messages import UserId
from chatwright.store.tables import conversations

SCRUB_TIMEOUT_S = 30.0
_PAUSE_S = 0.05


def erase(connection: Connection, user: UserId) -> int:
    """Deletes a person's conversations; events, claims and leases go with them. How many conversations."""
    of_user = conversations.c.user == user
    count = connection.execute(select(func.count()).select_from(conversations).where(of_user)).scalar_one()
    connection.execute(delete(conversations).where(of_user))
    return int(count)


def scrub(engine: Engine) -> None:
    """Rewrites the file without its free pages and empties the write-ahead log.

    Raises EngineError when a reader holds an old state for longer than SCRUB_TIMEOUT_S; erasing again finishes it.
    """
    deadline = time.monotonic() + SCRUB_TIMEOUT_S
    connection = engine.raw_connection()
    try:
        cursor = connection.cursor()
        cursor.execute("VACUUM")
        while True:
            is_busy, *_ = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            if not is_busy:
                return
            if time.monotonic() > deadline:
                raise EngineError(
                    "Erased, but a reader still holds the old state of the conversations file.",
                    hint="Close other programs that read it and erase again.",
                    code="erasure_incomplete",
                )
            time.sleep(_PAUSE_S)
    finally:
        connection.close()
