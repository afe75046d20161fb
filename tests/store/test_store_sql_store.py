"""The conversation store: what it keeps and what it refuses."""

import asyncio
from pathlib import Path

import pytest
from opened_store import event, new_conversation, opened

from chatwright.errors import EngineError, RequestError
from chatwright.messages import ConversationId, Event, UserId
from chatwright.store import open_store

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


def test_a_conversation_knows_whose_it_is(tmp_path: Path) -> None:
    async def run() -> None:
        async with opened(tmp_path / "c.sqlite3") as store:
            conversation = await store.open_conversation("shop", UserId("ann"), None)
            assert await store.user_of(conversation) == "ann"
            with pytest.raises(RequestError, match="conversation"):
                await store.user_of(ConversationId("nobody's"))

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


def test_many_writers_at_once_lose_nothing(tmp_path: Path) -> None:
    async def run() -> None:
        async with opened(tmp_path / "c.sqlite3") as store:
            ids = [await new_conversation(store) for _ in range(10)]
            await asyncio.gather(*(store.append([event(item, turn=n)]) for n in range(1, 21) for item in ids))
            for item in ids:
                assert [e.seq for e in await store.events(item)] == list(range(1, 21))

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


@pytest.mark.parametrize("broken", ["\ud800", "a\udcff"])
def test_text_that_is_not_unicode_is_refused(tmp_path: Path, broken: str) -> None:
    async def check() -> None:
        async with opened(tmp_path / "c.sqlite3") as store:
            conversation = await new_conversation(store)
            for attempt in (
                store.append([event(conversation), event(conversation, text=broken)]),
                store.open_conversation("shop", UserId(broken), None),
                store.open_conversation("shop", UserId("ann"), ConversationId(broken)),
                store.events(ConversationId(broken)),
                store.append([event(ConversationId(broken))]),
            ):
                with pytest.raises(RequestError) as caught:
                    await attempt
                assert (caught.value.status, caught.value.code) == (400, "text_invalid")
            assert await store.events(conversation) == []

    asyncio.run(check())


@pytest.mark.parametrize("limit", [0, -1])
def test_a_list_has_a_length(tmp_path: Path, limit: int) -> None:
    async def check() -> None:
        async with opened(tmp_path / "c.sqlite3") as store:
            with pytest.raises(RequestError, match="limit"):
                await store.conversations("shop", limit=limit)

    asyncio.run(check())


def test_nothing_appended_is_nothing_kept(tmp_path: Path) -> None:
    async def check() -> None:
        async with opened(tmp_path / "c.sqlite3") as store:
            assert await store.append([]) == []

    asyncio.run(check())


def test_ids_are_long_and_all_different(tmp_path: Path) -> None:
    async def check() -> None:
        async with opened(tmp_path / "c.sqlite3") as store:
            ids = await asyncio.gather(*(new_conversation(store) for _ in range(100)))
            assert len(set(ids)) == 100
            assert all(len(bytes.fromhex(item)) == 16 for item in ids)

    asyncio.run(check())


def test_closing_empties_the_log_and_says_so_afterwards(tmp_path: Path) -> None:
    async def check() -> None:
        store = await open_store(tmp_path / "c.sqlite3")
        conversation = await new_conversation(store)
        await store.append([event(conversation)])
        await store.close()
        await store.close()
        assert sorted(file.name for file in tmp_path.iterdir() if file.suffix != ".lock") == ["c.sqlite3"]
        for attempt in (store.events(conversation), store.append([event(conversation)])):
            with pytest.raises(EngineError) as caught:
                await attempt
            assert caught.value.code == "storage_closed"

    asyncio.run(check())


def test_a_late_event_of_an_old_turn_does_not_turn_the_count_back(tmp_path: Path) -> None:
    async def check() -> None:
        async with opened(tmp_path / "c.sqlite3") as store:
            conversation = await new_conversation(store)
            await store.append([event(conversation, turn=3), event(conversation, turn=1)])
            assert [item.num_turns for item in await store.conversations("shop")] == [3]
            async with store.turn(conversation) as turn:
                assert turn == 4

    asyncio.run(check())
