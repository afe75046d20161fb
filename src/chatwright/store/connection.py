"""How the SQLite file is opened, checked and scrubbed: the only module that speaks SQLite's own dialect.

WAL with synchronous=FULL: a commit that has returned survives a killed process and a power cut. SQLite before 3.51.3
can lose commits in a write-ahead-log race and is refused. With a key, file and log are encrypted at rest (SQLCipher).
"""

import time
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.pool import NullPool, QueuePool
from sqlcipher3 import dbapi2

from chatwright.errors import ConfigError, EngineError

MIN_SQLITE = (3, 51, 3)
BUSY_TIMEOUT_MS = 10_000
NUM_READERS = 4
SCRUB_TIMEOUT_S = 30.0
_PAUSE_S = 0.05
DriverError = dbapi2.Error  # what a statement raises that did not go through SQLAlchemy


def make_engine(path: Path, *, key: str | None, is_writer: bool) -> Engine:
    """A SQLAlchemy engine on the file: the writer has one connection and begins with the write lock."""
    check_library()
    pool: dict[str, Any] = {"poolclass": NullPool}
    if not is_writer:
        pool = {"poolclass": QueuePool, "pool_size": NUM_READERS, "max_overflow": 0}
    engine = create_engine("sqlite://", creator=lambda: _connect(path, key), module=dbapi2, **pool)
    begin = "BEGIN IMMEDIATE" if is_writer else "BEGIN"
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql(begin))
    return engine


def check_library() -> None:
    """Raises ConfigError when the SQLite library is too old to be trusted with write-ahead logging."""
    if tuple(int(part) for part in dbapi2.sqlite_version.split(".")) < MIN_SQLITE:
        needed = ".".join(map(str, MIN_SQLITE))
        raise ConfigError(
            f"SQLite {dbapi2.sqlite_version} can lose commits; {needed} or newer is needed.",
            hint="Install it with: pip install 'sqlcipher3==0.6.4'",
        )


def quick_check(engine: Engine) -> str:
    """ "ok", or the first damage that SQLite finds. Reads the whole file."""
    with engine.connect() as connection:
        return str(connection.exec_driver_sql("PRAGMA quick_check(1)").scalar())


def scrub(engine: Engine) -> None:
    """Rewrites the file without its free pages and empties the write-ahead log.

    Raises EngineError when a reader holds an old state for longer than SCRUB_TIMEOUT_S; erasing again finishes it.
    """
    deadline = time.monotonic() + SCRUB_TIMEOUT_S
    connection = engine.raw_connection()
    try:
        cursor = connection.cursor()
        cursor.execute("VACUUM")
        while cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]:
            if time.monotonic() > deadline:
                raise EngineError(
                    "Erased, but a reader still holds the old state of the conversations file.",
                    hint="Close other programs that read it and erase again.",
                    code="erasure_incomplete",
                )
            time.sleep(_PAUSE_S)
    finally:
        connection.close()


def is_in_transaction(connection: Connection) -> bool:
    """False when SQLite has rolled a transaction back by itself, as it does on a full disk."""
    return bool(getattr(connection.connection.driver_connection, "in_transaction", False))


def _connect(path: Path, key: str | None) -> Any:
    # isolation_level=None: transactions are begun by us, so that DDL and savepoints behave.
    connection = dbapi2.connect(str(path), isolation_level=None, check_same_thread=False)
    try:
        if key is not None:
            quoted = key.replace("'", "''")  # a pragma takes no parameters
            connection.execute(f"PRAGMA key = '{quoted}'")
        connection.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA secure_delete = ON")
        connection.execute("PRAGMA temp_store = MEMORY")  # VACUUM and sorts leave no copies in the temporary folder
    except dbapi2.Error:
        connection.close()
        raise
    return connection
