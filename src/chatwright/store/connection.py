"""How the SQLite file is opened: which library, which pragmas, encrypted or not. The only SQLite-specific module.

WAL with synchronous=FULL: a commit that has returned survives a killed process and a power cut. SQLite before 3.51.3
can lose commits in a write-ahead-log race and is refused.
"""

from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.pool import NullPool, QueuePool
from sqlcipher3 import dbapi2

from chatwright.errors import ConfigError

MIN_SQLITE = (3, 51, 3)
BUSY_TIMEOUT_MS = 10_000
NUM_READERS = 4


def make_engine(path: Path, *, key: str | None, is_writer: bool) -> Engine:
    """A SQLAlchemy engine on the file: the writer has one connection and begins with the write lock."""
    check_library()
    pool: dict[str, Any] = {"poolclass": NullPool}
    if not is_writer:
        pool = {"poolclass": QueuePool, "pool_size": NUM_READERS, "max_overflow": 2 * NUM_READERS}
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
    except dbapi2.Error:
        connection.close()
        raise
    return connection
