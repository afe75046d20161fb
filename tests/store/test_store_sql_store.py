"""The conversation store: what it keeps, what it refuses, and that a plain list in memory would say the same."""

import asyncio
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from opened_store import event, new_conversation, opened
from sqlalchemy import text

from chatwright.errors import ConfigError, RequestError
from chatwright.messages import ConversationId, Event, UserId
from chatwright.store import open_store
from chatwright.store.connection import make_engine
from chatwright.store.opening import migrate

HOSTILE = ["'; DROP TABLE events; --", '"', "\\", "%", "_", "\x00", "\n", "😀", "你好", "x" * 200, "{}", "NULL", " "]


def test_events_come_back_in_order(tmp_path: Path) -> None:
    async def run() -> None:
        async with opened(tmp_path / "c.sqlite3") as store:
            conversation = await new_conversation(store)
            stored = await store.append([event(conversation), event(conversation, "bot", answer="x")])
            assert [item.seq for item in stored] == [1, 2]
            await store.append([event(conversation, "feedback", rating="up")])
            assert await store.events(conversation) == [*stored, (await store.events(conversation))[2]]
            assert [item.kind for item in await store.events(conversation, after_seq=1)] == ["bot", "feedback"]

    asyncio.run(run())


def test_everything_is_there_after_reopening(tmp_path: Path) -> None:
    async def run() -> None:
        async with opened(tmp_path / "c.sqlite3", key="s'ecret") as store:
            conversation = await new_conversation(store)
            before = await store.append([event(conversation, text=hostile) for hostile in HOSTILE])
        async with opened(tmp_path / "c.sqlite3", key="s'ecret") as store:
            assert await store.events(conversation) == before

    asyncio.run(run())


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_text_in_every_field(tmp_path: Path, hostile: str) -> None:
    async def run() -> None:
        async with opened(tmp_path / "c.sqlite3") as store:
            conversation = await store.open_conversation(hostile, UserId(hostile), None)
            await store.append([event(conversation, text=hostile)])
            (summary,) = await store.conversations(hostile, user=UserId(hostile))
            assert (summary.bot, summary.user, summary.last_user_text) == (hostile, hostile, hostile)
            assert await store.events(ConversationId(hostile)) == []
            assert (await store.export_user(UserId(hostile)))["conversations"][0]["events"][0]["data"][
                "text"
            ] == hostile
            assert await store.erase_user(UserId(hostile)) == 1

    asyncio.run(run())


def test_a_batch_is_all_or_nothing(tmp_path: Path) -> None:
    async def run() -> None:
        async with opened(tmp_path / "c.sqlite3") as store:
            conversation = await new_conversation(store)
            with pytest.raises(RequestError) as caught:
                await store.append([event(conversation), event(ConversationId("unknown"))])
            assert caught.value.status == 404
            assert await store.events(conversation) == []

    asyncio.run(run())


@pytest.mark.parametrize(("bot", "user"), [("shop", "bob"), ("bank", "ann")])
def test_a_strangers_conversation_looks_like_none(tmp_path: Path, bot: str, user: str) -> None:
    async def run() -> None:
        async with opened(tmp_path / "c.sqlite3") as store:
            conversation = await new_conversation(store)
            assert await store.open_conversation("shop", UserId("ann"), conversation) == conversation
            messages = []
            for wanted in (conversation, ConversationId("A" * 22)):
                with pytest.raises(RequestError) as caught:
                    await store.open_conversation(bot, UserId(user), wanted)
                messages.append(caught.value.message.replace(wanted, "ID"))
                assert caught.value.status == 404
            assert messages[0] == messages[1]

    asyncio.run(run())


@pytest.mark.parametrize("user", ["", "x" * 201])
def test_a_users_id_has_a_length(tmp_path: Path, user: str) -> None:
    async def run() -> None:
        async with opened(tmp_path / "c.sqlite3") as store:
            with pytest.raises(RequestError):
                await store.open_conversation("shop", UserId(user), None)

    asyncio.run(run())


def test_waiting_follows_the_events(tmp_path: Path) -> None:
    async def run() -> None:
        async with opened(tmp_path / "c.sqlite3") as store:
            first, second = await new_conversation(store), await new_conversation(store)
            await store.append([event(first, "handover_requested")])
            assert [item.id for item in await store.conversations("shop", waiting_only=True)] == [first]
            assert {item.id for item in await store.conversations("shop")} == {first, second}
            await store.append([event(first, "handover_closed")])
            assert await store.conversations("shop", waiting_only=True) == []

    asyncio.run(run())


STEPS = st.lists(
    st.tuples(
        st.integers(0, 2),
        st.sampled_from(["user", "bot", "handover_requested", "handover_closed"]),
        st.text(max_size=20),
    ),
    max_size=12,
)


@settings(max_examples=25, deadline=None)
@given(steps=STEPS)
def test_the_store_equals_a_list_in_memory(tmp_path_factory: pytest.TempPathFactory, steps: list[tuple]) -> None:
    async def run() -> None:
        async with opened(tmp_path_factory.mktemp("store") / "c.sqlite3") as store:
            ids = [await new_conversation(store, user=f"u{number}") for number in range(3)]
            memory: dict[ConversationId, list[tuple[int, str, str]]] = {item: [] for item in ids}
            for number, kind, said in steps:
                await store.append([event(ids[number], kind, text=said)])
                memory[ids[number]].append((len(memory[ids[number]]) + 1, kind, said))
            for item in ids:
                kept = [(e.seq, e.kind, e.data["text"]) for e in await store.events(item)]
                assert kept == memory[item]
            waiting = {
                item
                for item in ids
                if [kind for _, kind, _ in memory[item] if kind.startswith("handover")][-1:] == ["handover_requested"]
            }
            assert {item.id for item in await store.conversations("shop", waiting_only=True)} == waiting

    asyncio.run(run())


def test_many_writers_at_once_lose_nothing(tmp_path: Path) -> None:
    async def run() -> None:
        async with opened(tmp_path / "c.sqlite3") as store:
            ids = [await new_conversation(store) for _ in range(10)]
            await asyncio.gather(*(store.append([event(item, turn=n)]) for n in range(1, 21) for item in ids))
            for item in ids:
                assert [e.seq for e in await store.events(item)] == list(range(1, 21))

    asyncio.run(run())


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


def test_erasing_leaves_no_trace_in_any_file(tmp_path: Path) -> None:
    canary = "canary-7f3a-绝密"

    async def run() -> None:
        async with opened(tmp_path / "c.sqlite3") as store, opened(tmp_path / "c.sqlite3") as reader:
            kept = await new_conversation(store, user="bob")
            await store.append([event(kept, text="stays")])
            erased = await new_conversation(store, user="ann")
            for turn in range(1, 50):
                await store.append([event(erased, turn=turn, text=f"{canary} {turn}")])
            assert await reader.events(erased)
            assert canary in str(await store.export_user(UserId("ann")))
            assert await store.erase_user(UserId("ann")) == 1
            assert await store.erase_user(UserId("ann")) == 0
            assert (await store.export_user(UserId("ann")))["conversations"] == []
            assert await reader.events(erased) == []
            assert [item.data["text"] for item in await store.events(kept)] == ["stays"]
            for file in tmp_path.iterdir():
                content = file.read_bytes()
                assert canary.encode() not in content
                assert b"canary-7f3a" not in content

    asyncio.run(run())


def test_at_rest_nothing_is_readable_with_a_key(tmp_path: Path) -> None:
    async def run() -> None:
        async with opened(tmp_path / "c.sqlite3", key="k") as store:
            conversation = await new_conversation(store)
            await store.append([event(conversation, text="canary-at-rest")])
            for file in tmp_path.iterdir():
                assert b"canary-at-rest" not in file.read_bytes()
                assert b"SQLite format 3" not in file.read_bytes()

    asyncio.run(run())


def test_an_event_is_its_json(tmp_path: Path) -> None:
    async def run() -> None:
        async with opened(tmp_path / "c.sqlite3") as store:
            conversation = await new_conversation(store)
            data = {"n": 1.5, "list": [1, "二", None], "nested": {"is": True}}
            await store.append([Event(conversation=conversation, kind="commands", turn=1, data=data)])
            assert (await store.events(conversation))[0].data == data

    asyncio.run(run())
