"""Opening the file: whose it is, in which form, and of which age."""

import asyncio
from pathlib import Path

import pytest
from filelock import FileLock
from opened_store import event, new_conversation, opened
from sqlalchemy import text

from chatwright.errors import ConfigError, EngineError
from chatwright.store import open_store
from chatwright.store.connection import dbapi2, make_engine
from chatwright.store.opening import migrate


@pytest.mark.parametrize(
    ("content", "key", "code"),
    [
        (b"this is not a database, whatever it says" * 100, None, "storage_foreign"),
        (None, "another key", "storage_foreign"),
        (None, None, "storage_foreign"),
    ],
)
def test_files_that_are_not_ours(tmp_path: Path, content: bytes | None, key: str | None, code: str) -> None:
    path = tmp_path / "c.sqlite3"

    async def run() -> None:
        if content is None:
            async with opened(path, key="right"):
                pass
        else:
            path.write_bytes(content)
        with pytest.raises(ConfigError) as caught:
            await open_store(path, key=key)
        assert caught.value.code == code
        assert "CHATWRIGHT__DATABASE_KEY" in caught.value.hint

    asyncio.run(run())


def test_a_newer_schema_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "c.sqlite3"

    async def run() -> None:
        async with opened(path) as store:
            await new_conversation(store)
        engine = make_engine(path, key=None, is_writer=True)
        with engine.begin() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        engine.dispose()
        with pytest.raises(ConfigError, match="9999"):
            await open_store(path)

    asyncio.run(run())


def test_migrations_go_up_down_and_up(tmp_path: Path) -> None:
    engine = make_engine(tmp_path / "c.sqlite3", key=None, is_writer=True)

    def tables() -> set[str]:
        with engine.connect() as connection:
            found = connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'table'"))
            return {row.name for row in found}

    migrate(engine)
    up = tables()
    assert {"conversations", "events", "claims", "leases"} <= up
    migrate(engine, "base")
    assert tables() == {"alembic_version"}
    migrate(engine)
    assert tables() == up
    engine.dispose()


def test_the_tables_are_those_of_the_migrations(tmp_path: Path) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.runtime.migration import MigrationContext

    from chatwright.store.tables import metadata

    engine = make_engine(tmp_path / "c.sqlite3", key=None, is_writer=True)
    migrate(engine)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    engine.dispose()


@pytest.mark.parametrize("tables", [["songs"], ["events"], ["alembic_version", "songs"]])
def test_another_programs_database_is_left_alone(tmp_path: Path, tables: list[str]) -> None:
    path = tmp_path / "c.sqlite3"
    connection = dbapi2.connect(str(path))
    for table in tables:
        connection.execute(f"CREATE TABLE {table} (version_num)")
    connection.close()
    before = set(tables)
    with pytest.raises(ConfigError) as caught:
        asyncio.run(open_store(path))
    assert caught.value.code == "storage_foreign"
    connection = dbapi2.connect(str(path))
    assert {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")} == before
    connection.close()


def test_every_step_of_the_migrations_goes_down_and_up_with_data_in_it(tmp_path: Path) -> None:
    path = tmp_path / "c.sqlite3"

    async def fill() -> str:
        async with opened(path) as store:
            conversation = await new_conversation(store)
            await store.append([event(conversation, text="stays")])
            return conversation

    async def read(conversation: str) -> list[str]:
        async with opened(path) as store:
            return [item.data["text"] for item in await store.events(conversation)]  # type: ignore[arg-type]

    conversation = asyncio.run(fill())
    for revision in ("0003", "0002", "0001"):
        engine = make_engine(path, key=None, is_writer=True)
        migrate(engine, revision)
        engine.dispose()
        assert asyncio.run(read(conversation)) == ["stays"]


def test_the_file_is_its_owners_alone(tmp_path: Path) -> None:
    async def check() -> None:
        async with opened(tmp_path / "new" / "c.sqlite3") as store:
            await new_conversation(store)
            for file in (tmp_path / "new").glob("c.sqlite3*"):
                if file.suffix != ".lock":
                    assert file.stat().st_mode & 0o077 == 0, file

    asyncio.run(check())


def test_an_empty_key_is_not_a_key(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="empty"):
        asyncio.run(open_store(tmp_path / "c.sqlite3", key=""))


def test_a_folder_in_place_of_the_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be opened"):
        asyncio.run(open_store(tmp_path))


@pytest.mark.parametrize("version", ["3.40.1", "3.51.2"])
def test_an_old_library_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str) -> None:
    monkeypatch.setattr(dbapi2, "sqlite_version", version)
    with pytest.raises(ConfigError, match=f"SQLite {version} can lose commits; 3.51.3"):
        asyncio.run(open_store(tmp_path / "c.sqlite3"))


def test_a_migration_that_never_ends_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chatwright.store.opening.MIGRATION_TIMEOUT_S", 0.0)
    with FileLock(tmp_path / "c.sqlite3.lock"), pytest.raises(EngineError, match="Another process"):
        asyncio.run(open_store(tmp_path / "c.sqlite3"))


def test_many_may_open_at_once(tmp_path: Path) -> None:
    async def check() -> None:
        stores = await asyncio.gather(*(open_store(tmp_path / "c.sqlite3") for _ in range(6)))
        for store in stores:
            await new_conversation(store)
        assert len(await stores[0].conversations("shop")) == 6
        for store in stores:
            await store.close()

    asyncio.run(check())


def test_a_file_that_others_write_to_all_the_time_can_be_opened(tmp_path: Path) -> None:
    async def check() -> None:
        async with opened(tmp_path / "c.sqlite3") as store:
            conversation = await new_conversation(store)
            engine = make_engine(tmp_path / "c.sqlite3", key=None, is_writer=True)
            with engine.begin():  # holds the write lock
                async with opened(tmp_path / "c.sqlite3") as other:
                    assert await other.events(conversation) == []
            engine.dispose()

    asyncio.run(check())
