"""Opens the conversations file: checks that it is ours, whole and of a schema we know, and migrates it under a lock."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import as_file, files
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from filelock import FileLock
from sqlalchemy import Engine

from chatwright.errors import ConfigError
from chatwright.store.connection import make_engine
from chatwright.store.failures import named_failures
from chatwright.store.sql_store import SqlStore

MIGRATION_TIMEOUT_S = 120.0


async def open_store(path: Path, *, key: str | None = None) -> SqlStore:
    """The store in the file at `path`, made when it is not there.

    Raises ConfigError when the file is not ours, its key is another, it is damaged, or a newer chatwright wrote it.
    """
    return await asyncio.to_thread(_open, path, key)


def migrate(engine: Engine, revision: str = "head") -> None:
    """Brings the schema to `revision`, up or down, in one transaction."""
    with _config() as config, engine.begin() as connection:
        config.attributes["connection"] = connection
        current = MigrationContext.configure(connection).get_current_revision()
        known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
        if current is not None and current not in known:
            raise ConfigError(
                f"The conversations file has the schema {current!r}, which this chatwright does not know.",
                hint="Install the newer chatwright that wrote it.",
                code="schema_newer",
            )
        if revision == "base":
            command.downgrade(config, revision)
        elif current != revision:
            command.upgrade(config, revision)


def _open(path: Path, key: str | None) -> SqlStore:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as err:
        raise ConfigError(
            f"The data folder {path.parent} cannot be made: {err.strerror}.", hint="Check its path."
        ) from err
    was_unclean = path.with_name(path.name + "-wal").exists()
    writer = make_engine(path, key=key, is_writer=True)
    try:
        with named_failures():
            with FileLock(path.with_name(path.name + ".lock"), timeout=MIGRATION_TIMEOUT_S):
                migrate(writer)
            if was_unclean:
                _quick_check(writer, path)
    except BaseException:
        writer.dispose()
        raise
    return SqlStore(writer, make_engine(path, key=key, is_writer=False))


def _quick_check(engine: Engine, path: Path) -> None:
    with engine.connect() as connection:
        found = connection.exec_driver_sql("PRAGMA quick_check").scalar()
    if found != "ok":
        raise ConfigError(f"{path} is damaged: {found}.", hint="Restore it from a backup.", code="storage_corrupt")


@contextmanager
def _config() -> Iterator[Config]:
    """Alembic's configuration, with the migrations of this package wherever it is installed."""
    with as_file(files("chatwright.store").joinpath("migrations")) as folder:
        config = Config()
        config.set_main_option("script_location", str(folder))
        config.set_main_option("path_separator", "os")
        yield config
