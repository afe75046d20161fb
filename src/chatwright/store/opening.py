"""Opens the conversations file: checks that it is ours, whole and of a schema we know, and migrates it under a lock."""

import asyncio
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.resources import as_file, files
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from filelock import FileLock, Timeout
from sqlalchemy import Connection, Engine, inspect

from chatwright.errors import ConfigError, EngineError
from chatwright.store.connection import make_engine, quick_check
from chatwright.store.failures import named_failures
from chatwright.store.sql_store import SqlStore

MIGRATION_TIMEOUT_S = 120.0
_OUR_TABLES = {"alembic_version", "conversations", "events"}


async def open_store(path: Path, *, key: str | None = None) -> SqlStore:
    """The store in the file at `path`, made when it is not there. key: encrypts the file; always the same for one file.

    Raises ConfigError when the file is not ours, its key is another, it is damaged, or a newer chatwright wrote it;
    EngineError when its disk is full or another process keeps it busy.
    """
    return await asyncio.to_thread(_open, path, key)


def migrate(engine: Engine, revision: str = "head") -> None:
    """Brings the schema to `revision`, up or down, in one transaction. Raises ConfigError when the file is not ours."""
    with _config() as config, engine.begin() as connection:
        config.attributes["connection"] = connection
        known = _known_revisions(config)
        current = _revision(connection, known)
        wanted = known[0] if revision == "head" else revision
        if current == wanted:
            return
        is_down = wanted == "base" or (current is not None and known.index(wanted) > known.index(current))
        (command.downgrade if is_down else command.upgrade)(config, wanted)


def is_current(engine: Engine) -> bool:
    """Whether there is nothing to migrate. Takes no write lock: others may be writing all the time."""
    with _config() as config, engine.begin() as connection:
        known = _known_revisions(config)
        return _revision(connection, known) == known[0]


def _open(path: Path, key: str | None) -> SqlStore:
    if key == "":
        raise ConfigError("The database key is empty.", hint="Leave it out, or set CHATWRIGHT__DATABASE_KEY.")
    try:
        _make_private(path)
        was_unclean = path.with_name(path.name + "-wal").exists()
        reading, writing = (make_engine(path, key=key, is_writer=is_writer) for is_writer in (False, True))
        try:
            with named_failures(path), FileLock(path.with_name(path.name + ".lock"), timeout=MIGRATION_TIMEOUT_S):
                if not is_current(reading):
                    migrate(writing)
                if was_unclean:
                    _refuse_damaged(reading, path)
        except BaseException:
            reading.dispose()
            raise
    except Timeout as err:
        raise EngineError(
            f"Another process has been migrating {path} for {MIGRATION_TIMEOUT_S:.0f} s.", hint="Try again later."
        ) from err
    except OSError as err:
        raise ConfigError(
            f"{path} cannot be opened: {err.strerror}.",
            hint="Check its path and permissions.",
            code="storage_unreadable",
        ) from err
    return SqlStore(writing, reading)


def _make_private(path: Path) -> None:
    """A new file is its owner's alone; SQLite gives the log beside it the same mode."""
    path.parent.mkdir(parents=True, exist_ok=True)
    # Only a new file: closing a second descriptor of an open database would drop this process's locks on it.
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))


def _known_revisions(config: Config) -> list[str]:
    """Newest first."""
    return [script.revision for script in ScriptDirectory.from_config(config).walk_revisions()]


def _revision(connection: Connection, known: list[str]) -> str | None:
    """The file's schema, None when it is new. Raises ConfigError when it is not ours, or newer than we are."""
    found = set(inspect(connection).get_table_names())
    if found - {"alembic_version"} and not found >= _OUR_TABLES:
        raise ConfigError(
            f"The file holds another program's tables: {', '.join(sorted(found)[:5])}.",
            hint="Move it away, or name another data folder with CHATWRIGHT__DATA_DIR.",
            code="storage_foreign",
        )
    current = MigrationContext.configure(connection).get_current_revision()
    if current is not None and current not in known:
        raise ConfigError(
            f"The conversations file has the schema {current!r}; this chatwright knows up to {known[0]!r}.",
            hint="Install the newer chatwright that wrote it.",
            code="schema_newer",
        )
    return current


def _refuse_damaged(engine: Engine, path: Path) -> None:
    found = quick_check(engine)
    if found != "ok":
        raise ConfigError(f"{path} is damaged: {found}.", hint="Restore it from a backup.", code="storage_corrupt")


@contextmanager
def _config() -> Iterator[Config]:
    """Alembic's configuration, with the migrations of this package wherever it is installed."""
    with as_file(files("chatwright.store").joinpath("migrations")) as folder:
        config = Config()
        config.set_main_option("script_location", str(folder).replace("%", "%%"))
        config.set_main_option("path_separator", "os")
        yield config
