"""Opens the index file: SQLite by way of sqlcipher3, with sqlite-vec, write-ahead, one writer, several readers.

In: a path and an optional key. Out: connections, lent as contexts. Storage faults become EngineError, a wrong key, a
foreign file or too old a library ConfigError. Knows nothing of passages.
"""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from queue import Empty, LifoQueue
from threading import Lock
from typing import Any

import sqlite_vec
from sqlcipher3 import dbapi2

from chatwright.errors import ChatwrightError, ConfigError, EngineError

# Before 3.51.3 a race in the write-ahead log could lose committed transactions (sqlite.org/wal.html, "WAL-reset bug").
OLDEST_SQLITE = (3, 51, 3)
_BUSY_TIMEOUT_MS = 10_000
_MAX_IDLE_READERS = 8

Connection = Any  # sqlcipher3 has no types
Row = tuple[Any, ...]


class Database:
    """One SQLite file. `write` lends the one writer inside a transaction, `read` a reader inside a snapshot."""

    def __init__(self, path: Path, *, key: str | None, create: Callable[[Connection], None]) -> None:
        """`create` makes the tables, inside a transaction, when they are not there.

        Raises ConfigError for an unusable library, key or file; EngineError when the disk refuses."""
        refuse_old_sqlite(dbapi2.sqlite_version_info)
        self.path = path
        self._key = key
        self._idle: LifoQueue[Connection] = LifoQueue(_MAX_IDLE_READERS)
        self._write_lock = Lock()
        self._watch_lock = Lock()
        self._watch: Connection | None = None  # never writes, so that every commit is another connection's
        self._is_closed = False
        path.parent.mkdir(parents=True, exist_ok=True)
        self._writer = self._connect()
        try:
            with self.write() as connection:
                create(connection)
        except ChatwrightError:
            self._writer.close()
            raise

    def close(self) -> None:
        """Closes every idle connection; those lent are closed when they come back."""
        self._is_closed = True
        self._writer.close()
        if self._watch is not None:
            self._watch.close()
        while (connection := self._idle_reader()) is not None:
            connection.close()

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """The writer inside one transaction: committed at the end, rolled back when anything is raised."""
        with self._write_lock, storage_faults(self.path):
            self._writer.execute("BEGIN IMMEDIATE")
            try:
                yield self._writer
                self._writer.execute("COMMIT")
            except BaseException:
                if self._writer.in_transaction:
                    self._writer.execute("ROLLBACK")
                raise

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A reader that sees one state of the file from its first statement to the end of the context."""
        with storage_faults(self.path):
            connection = self._idle_reader() or self._connect()
            try:
                connection.execute("BEGIN")
                yield connection
            finally:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                self._take_back(connection)

    def fetch(self, statement: str, parameters: Sequence[Any] = ()) -> list[Row]:
        """The rows of one statement, which is a snapshot of its own."""
        with storage_faults(self.path):
            connection = self._idle_reader() or self._connect()
            try:
                rows: list[Row] = connection.execute(statement, parameters).fetchall()
            finally:
                self._take_back(connection)
            return rows

    def data_version(self) -> int:
        """A number that changes whenever another connection, of this process or any other, has committed."""
        with self._watch_lock, storage_faults(self.path):
            if self._watch is None:
                self._watch = self._connect()
            return int(self._watch.execute("PRAGMA data_version").fetchone()[0])

    def _idle_reader(self) -> Connection | None:
        try:
            return self._idle.get_nowait()
        except Empty:
            return None

    def _take_back(self, connection: Connection) -> None:
        if self._is_closed or self._idle.full():
            connection.close()
        else:
            self._idle.put_nowait(connection)

    def _connect(self) -> Connection:
        with storage_faults(self.path):
            connection = dbapi2.connect(str(self.path), isolation_level=None, check_same_thread=False)
            try:
                _prepare(connection, self._key)
            except BaseException:
                connection.close()
                raise
            return connection


def _prepare(connection: Connection, key: str | None) -> None:
    if key:
        quoted = key.replace("'", "''")  # PRAGMA takes no parameters
        connection.execute(f"PRAGMA key = '{quoted}'")
    connection.execute(f"PRAGMA busy_timeout = {_BUSY_TIMEOUT_MS}")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA secure_delete = ON")
    connection.execute("PRAGMA temp_store = MEMORY")
    connection.enable_load_extension(True)
    sqlite_vec.load(connection)
    connection.enable_load_extension(False)


def refuse_old_sqlite(version: tuple[int, ...]) -> None:
    """Raises ConfigError for a library that may lose committed transactions."""
    if version < OLDEST_SQLITE:
        found, needed = (".".join(map(str, numbers)) for numbers in (version, OLDEST_SQLITE))
        raise ConfigError(
            f"SQLite {found} may lose committed writes; {needed} or newer is needed.",
            hint="Install the library that brings its own: pip install 'sqlcipher3==0.6.4'",
            code="sqlite_too_old",
        )


@contextmanager
def storage_faults(path: Path) -> Iterator[None]:
    """Turns what SQLite raises into this product's errors; anything else passes."""
    try:
        yield
    except dbapi2.DatabaseError as error:
        raise _translated(error, path) from error


def _translated(error: Exception, path: Path) -> Exception:
    primary_code = (getattr(error, "sqlite_errorcode", None) or 0) & 0xFF
    match primary_code:
        case sqlite3.SQLITE_FULL:
            return EngineError(
                f"The disk that holds {path} is full; nothing of the last step was kept.",
                hint="Free some space and run it again: finished files are not done twice.",
                code="disk_full",
            )
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return EngineError(f"{path} is being written by another process.", hint="Try again.", retry_after_s=5)
        case sqlite3.SQLITE_NOTADB:
            return ConfigError(
                f"{path} cannot be read: its key is another one, or it is not an index.",
                hint="Set CHATWRIGHT__DATABASE_KEY to the key it was made with, or remove the file and ingest again.",
                code="index_unreadable",
            )
        case sqlite3.SQLITE_CORRUPT:
            return ConfigError(
                f"{path} is damaged: {error}.", hint="Remove the file and ingest again.", code="index_corrupt"
            )
        case sqlite3.SQLITE_IOERR | sqlite3.SQLITE_READONLY | sqlite3.SQLITE_CANTOPEN | sqlite3.SQLITE_PERM:
            return EngineError(
                f"{path} cannot be used: {error}.", hint="Check the disk and who may write there.", code="disk_fault"
            )
        case _:
            return error  # a fault of our own statements: not the user's to mend
